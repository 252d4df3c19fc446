import Dispatch
import Federation
import FoundationEssentials
import Glibc

/// A file that says what this node's own numbers are: a summary, replaced by any process.
///
/// It is read again when it changed. A file that is replaced by rename(2) is never seen half
/// written; one that is written in place may be, and is read again at its next change. Reading
/// happens on a queue of its own, because a file system may block.
actor FileSource: SummarySource {
    /// Tells one state of the file from another: inode, size, and when it or its rights changed.
    private struct Stamp: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    /// What a file may say beyond a summary.
    private struct Extras: Decodable {
        var triCoherence: Double?

        enum CodingKeys: String, CodingKey {
            case triCoherence = "tri_coherence"
        }
    }

    private let queue = DispatchQueue(label: "source file")
    private let path: String
    private let maximumBytes: Int
    private var seen: Stamp?

    init(path: String, maximumBytes: Int) {
        self.path = path
        self.maximumBytes = maximumBytes
    }

    func read() async -> SourceReading? {
        let before = seen
        let (stamp, reading) = await withCheckedContinuation { continuation in
            queue.async { [path, maximumBytes] in
                continuation.resume(
                    returning: Self.read(path, unless: before, atMost: maximumBytes)
                )
            }
        }
        seen = stamp
        return reading
    }

    /// Reads the file unless it is still as it was; it blocks.
    private static func read(
        _ path: String,
        unless seen: Stamp?,
        atMost maximumBytes: Int
    ) -> (Stamp?, SourceReading?) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            let fault = FileFault.unreadable(systemError())
            return (nil, .failure(.unreadable(fault.description)))
        }
        let stamp = Stamp(
            inode: status.st_ino,
            size: status.st_size,
            seconds: status.st_ctim.tv_sec,
            nanoseconds: status.st_ctim.tv_nsec
        )
        guard stamp != seen else { return (stamp, nil) }
        // A pipe without a writer would hold up every tick, the first included.
        guard status.st_mode & S_IFMT == S_IFREG else {
            return (stamp, .failure(.unreadable("is no regular file")))
        }
        do throws(FileFault) {
            return (stamp, numbers(in: try contents(of: path, atMost: maximumBytes)))
        } catch {
            return (stamp, .failure(.unreadable(error.description)))
        }
    }

    private static func numbers(in bytes: [UInt8]) -> SourceReading {
        let summary: Summary
        do throws(SummaryFault) {
            summary = try Summary(decoding: bytes)
        } catch {
            return .failure(.refused(error))
        }
        // The summary is well-formed JSON, so that only this one value can be wrong.
        guard let extras = try? JSONDecoder().decode(Extras.self, from: Data(bytes)),
            extras.triCoherence.map({ (0...1).contains($0) }) != false
        else { return .failure(.badCoherence) }
        return .success(
            SourceNumbers(
                metrics: summary.metrics,
                ts: summary.ts,
                triCoherence: extras.triCoherence
            )
        )
    }
}
