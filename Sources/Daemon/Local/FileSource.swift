import Federation
import Glibc
import Host
import JSON
import Settings

/// A file with this node's own numbers: a summary, replaced by any process.
///
/// It is read again after each change, and at every check while it cannot be read. A file that is
/// replaced by rename(2) is never read half written. If the file changes during a read, the result
/// is dropped and the next check reads it again; a writer in place that pauses may still be read
/// half way. Reads run on a thread of their own with a deadline, because a file system may hang.
actor FileSource: SummarySource {
    /// Reads the whole file; blocks.
    typealias Contents = @Sendable () throws(FileFault) -> [UInt8]

    /// How long a read may take; then the source counts as failed.
    private let deadline: Duration
    /// One thread: while it is stuck, another read would get stuck too.
    private let work = BlockingWork("source file", maximumStuck: 1)
    private let path: String
    private let contents: Contents
    private var seen: FileStamp?

    /// A source that checks the file at `path` for changes and reads it by `contents`.
    init(path: String, within deadline: Duration = .seconds(5), contents: @escaping Contents) {
        self.path = path
        self.deadline = deadline
        self.contents = contents
    }

    init(path: String, maximumBytes: Int) {
        self.init(path: path) { () throws(FileFault) in
            try Host.contents(of: path, atMost: maximumBytes)
        }
    }

    func read() async -> SourceReading? {
        let look = await work.run(within: deadline) { [path, contents, seen] in
            Self.read(path, unless: seen, contents)
        }
        switch look {
        case .cancelled: return nil
        case .late:
            seen = nil
            return .failure(.unreadable("was not read within \(deadline.words) s"))
        case .done((let stamp, let reading)):
            seen = stamp
            return reading
        }
    }

    /// Reads the file unless it is unchanged; blocks.
    ///
    /// - Returns: The state of the file, nil if it must be read again; and its numbers or fault.
    private static func read(
        _ path: String,
        unless seen: FileStamp?,
        _ contents: Contents
    ) -> (FileStamp?, SourceReading?) {
        do throws(FileFault) {
            let before = try FileStamp(path)
            guard before != seen else { return (seen, nil) }
            let bytes = try contents()
            // A file that is gone has changed.
            guard (try? FileStamp(path)) == before else { return (nil, nil) }
            return (before, numbers(in: bytes))
        } catch {
            return (nil, .failure(.unreadable(error.description)))
        }
    }

    private static func numbers(in bytes: [UInt8]) -> SourceReading {
        let summary: Summary
        do throws(SummaryFault) {
            summary = try Summary(decoding: bytes)
        } catch {
            return .failure(.refused(error))
        }
        do throws(JSONFault) {
            let coherence = try coherence(in: bytes)
            guard coherence.map({ (0...1).contains($0) }) != false
            else { return .failure(.badCoherence) }
            return .success(
                SourceNumbers(
                    metrics: summary.metrics,
                    ts: summary.ts,
                    triCoherence: coherence
                )
            )
        } catch {
            return .failure(.refused(.notJSON(error)))
        }
    }

    /// `tri_coherence`, which a file may contain beside the fields of a summary.
    ///
    /// - Returns: nil if it is absent or null, NaN if it is not a number.
    private static func coherence(in bytes: [UInt8]) throws(JSONFault) -> Double? {
        var walk = JSONWalk(bytes)
        var coherence: Double?
        var isFirst = true
        try walk.enter()
        while let key = try walk.nextKey(isFirst: isFirst) {
            isFirst = false
            if key == "tri_coherence", try walk.kind() != .null {
                coherence = try walk.number() ?? .nan
            } else {
                try walk.skip()
            }
        }
        return coherence
    }
}
