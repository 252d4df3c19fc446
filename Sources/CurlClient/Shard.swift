internal import CCurl

/// The transfers of some keys on one multi handle, and when libcurl wants to be called for them.
///
/// On the client's thread only.
final class Shard {
    let index: Int
    let multi: MultiHandle
    /// When libcurl's timer is due; nil if it wants none.
    var timerDue: Int64?

    init(index: Int, keptConnections: Int) {
        self.index = index
        multi = MultiHandle(keptConnections: keptConnections)
    }

    func add(_ transfer: Transfer) {
        let code = multi.add(transfer.easy)
        precondition(code == CURLM_OK, "an idle transfer can be added: \(code.rawValue)")
    }
}
