import Federation
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import JSON

/// What a node reports to its service manager by sd_notify(3).
@Suite struct NotifyTests {
    /// The socket of NOTIFY_SOCKET, and all messages received.
    private final class Listener: Sendable {
        let path: String
        private let directory: TemporaryDirectory
        private let descriptor: Int32
        private let received = Mutex<[String]>([])

        var messages: [String] { received.withLock(\.self) }

        init() throws {
            directory = try TemporaryDirectory()
            path = directory.file("notify")
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) {
                unsafe $0.copyBytes(from: bytes)
            }
            let length = socklen_t(MemoryLayout<sockaddr_un>.size)
            let status = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, length)
                }
            }
            guard status == 0 else { throw TestError("cannot bind \(path)") }
            Thread.detachNewThread { [weak self, descriptor] in
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                    guard count > 0, let self else { return }
                    let text = String(decoding: buffer[..<count], as: UTF8.self)
                    received.withLock { $0.append(text) }
                }
            }
        }

        deinit {
            _ = shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }

        func count(_ message: String) -> Int { messages.count { $0.hasPrefix(message) } }
    }

    @Test func `a node reports readiness, reloads, its status and its end, and feeds the watchdog`()
        async throws
    {
        let listener = try Listener()
        let peer = try ScriptedPeer(.summary(nodeID: "nova"))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: ["up=\(peer.url)"],
            settings: [
                "NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "2000000",
                "NOVA_FED_SYNC_INTERVAL": "3600", "NOVA_WISDOM_POLL_INTERVAL": "0.2",
                "NOVA_FED_DRAIN_SEC": "1",
            ]
        )
        defer { node.process.kill() }
        await eventually("READY=1") { listener.count("READY=1") == 1 }
        #expect(try await node.get("/ready").status == 200)
        await eventually("its status has the number of live peers") {
            listener.messages.contains { $0.hasPrefix("STATUS=1 of 1 peers live, N 0") }
        }
        // No pull is due for an hour, but the loop feeds the watchdog.
        let beats = listener.count("WATCHDOG=1")
        try await Task.sleep(for: .seconds(3))
        let more = listener.count("WATCHDOG=1") - beats
        #expect((4...8).contains(more), "\(more) times in 3 s, with a watchdog of 2 s")

        node.process.send(SIGHUP)
        await eventually("it is ready again") { listener.count("READY=1") == 2 }
        let reload = listener.messages.first { $0.hasPrefix("RELOADING=1") }
        let stamp = reload?.split(separator: "\n").last?.split(separator: "=")
        #expect(stamp?.first == "MONOTONIC_USEC")
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        let age = now.tv_sec - (try #require(stamp?.last.flatMap { Int($0) })) / 1_000_000
        #expect((0...20).contains(age))

        node.process.send(SIGTERM)
        await eventually("STOPPING=1") { listener.count("STOPPING=1") == 1 }
        #expect(listener.messages.contains { $0.hasSuffix("STATUS=draining for 1 s") })
        node.process.send(SIGHUP)
        #expect(try await node.process.waitForEnd() == .exit(0))
        let order = listener.messages.filter { !$0.hasPrefix("STATUS") && $0 != "WATCHDOG=1" }
            .map { $0.prefix { $0 != "=" } }
        #expect(order == ["READY", "RELOADING", "READY", "STOPPING"])
    }

    @Test func `a line feed in a path does not begin a field of the protocol`() async throws {
        let listener = try Listener()
        let path =
            "/nowhere/a\nREADY=1\rMAINPID=1\u{0085}\u{1B}"
            + String(repeating: "\u{10FFFE}\u{202E}", count: 4_000)
        let node = try await ServedNode(
            settings: [
                "NOTIFY_SOCKET": listener.path, "NOVA_FED_LOCAL_SOURCE": "file:\(path)",
                "NOVA_WISDOM_POLL_INTERVAL": "0.2",
            ]
        )
        defer { node.process.kill() }
        await eventually("its status has the path") {
            listener.messages.contains { $0.contains("/nowhere/a") }
        }
        #expect(try await node.stop() == .exit(0))
        let lines = listener.messages.flatMap { $0.split(separator: "\n") }
        for line in lines {
            let key = String(line.prefix { $0 != "=" })
            #expect(["READY", "STATUS", "STOPPING"].contains(key), "\(line)")
            #expect(line.unicodeScalars.allSatisfy { $0.isVisible }, "\(line)")
        }
        // systemd ignores longer ones.
        #expect(listener.messages.allSatisfy { $0.utf8.count < 4_096 })
        #expect(lines.count { $0 == "READY=1" } == 1)
    }

    @Test(arguments: [
        "9223372036854775807", "18446744073709551615", "-1", "0", "", "1e9", "9999999999999999999",
    ])
    func `no value of WATCHDOG_USEC ends a node`(microseconds: String) async throws {
        let listener = try Listener()
        let peer = try ScriptedPeer(.summary(nodeID: "nova"))
        defer { peer.stop() }
        let node = try await ServedNode(
            peers: [peer.url],
            settings: [
                "NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": microseconds,
                "NOVA_FED_SYNC_INTERVAL": "0.2",
            ]
        )
        await eventually("it pulls") { peer.requests.count > 2 }
        #expect(try await node.stop() == .exit(0))
    }

    @Test(arguments: [
        "/nowhere/notify", "relative", "", "/" + String(repeating: "x", count: 200),
    ])
    func `an unreachable NOTIFY_SOCKET changes nothing`(path: String) async throws {
        let node = try await ServedNode(
            settings: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "100000"]
        )
        #expect(try await node.get("/ready").status == 200)
        #expect(try await node.stop() == .exit(0))
    }

    @Test func `a watchdog of another process is not fed`() async throws {
        let listener = try Listener()
        let node = try await ServedNode(
            settings: [
                "NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1",
            ]
        )
        await eventually("READY=1") { listener.count("READY=1") == 1 }
        try await Task.sleep(for: .milliseconds(500))
        #expect(listener.count("WATCHDOG=1") == 0)
        #expect(try await node.stop() == .exit(0))
    }
}
