import Testing

@testable import CurlClient

struct TransferPoolTests {
    @Test
    func `an idle transfer frees the body that it received`() {
        var pool = TransferPool(limits: .small())
        let transfer = pool.take()
        for line in ["HTTP/1.1 200 OK\r\n", "Content-Length: 65536\r\n", "\r\n"] {
            let isTaken = unsafe transfer.receiver.receiveHeader(Array(line.utf8).span.bytes)
            #expect(isTaken)
        }
        // Less than the announced length: the fetch would fail, so its body would not be taken.
        let blanks = [UInt8](repeating: 0x20, count: 60_000)
        let isTaken = unsafe transfer.receiver.receiveBody(blanks.span.bytes)
        #expect(isTaken)
        #expect(transfer.receiver.body.count == 60_000)
        pool.giveBack(transfer)
        #expect(transfer.receiver.body.capacity == 0)
        #expect(pool.take() === transfer)
    }
}
