import Dispatch
import Federation
import Glibc

/// A file that says what this node's own numbers are: a summary, replaced by any process.
///
/// It is read again when it changed. A file that is replaced by rename(2) is never seen half
/// written; one that is written in place may be, and then it is read again at its next change.
/// Reading happens on a queue of its own, because a file system may block.
actor SourceFile {
    /// Tells one state of the file from another.
    private struct Stamp: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let queue = DispatchSerialQueue(label: "source file")
    private let path: String
    private let maximumBytes: Int
    private var seen: Stamp?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe queue.asUnownedSerialExecutor()
    }

    init(path: String, maximumBytes: Int) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    /// The summary in the file; nil if the file is as it was at the last call.
    func readIfChanged() throws(SourceFault) -> Summary? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            seen = nil
            throw .unreadable(systemError())
        }
        let stamp = Stamp(
            inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
        guard stamp != seen else { return nil }
        seen = stamp
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try contents(of: path, atMost: maximumBytes)
        } catch {
            throw .unreadable(error.description)
        }
        do throws(SummaryFault) {
            return try Summary(decoding: bytes)
        } catch {
            throw .refused(error)
        }
    }
}

/// Why a local source gives no numbers.
enum SourceFault: Error, CustomStringConvertible {
    case unreadable(String)
    case refused(SummaryFault)

    var description: String {
        switch self {
        case .unreadable(let cause): "cannot be read: \(cause)"
        case .refused(let fault): "is no summary: \(fault)"
        }
    }
}
