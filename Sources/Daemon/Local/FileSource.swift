import Federation
import Glibc
import Host
import JSON
import Settings

/// A file with this node's own numbers: a summary, replaced by any process.
///
/// It is read again after each change, and at every check while it cannot be read. If it changes
/// during a read, the result is dropped and the next check reads it again. So a file that is
/// replaced by rename(2) is always read whole; one that is written in place may be read in part if
/// its writer pauses. Reads have a thread and a deadline, because a file system may hang.
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
        let outcome = await work.run(within: deadline) { [path, contents, seen] in
            Self.read(path, unless: seen, contents)
        }
        switch outcome {
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
            // A removed file has changed too.
            guard (try? FileStamp(path)) == before else { return (nil, nil) }
            return (before, numbers(in: bytes))
        } catch {
            return (nil, .failure(.unreadable(error.description)))
        }
    }

    private static func numbers(in bytes: [UInt8]) -> SourceReading {
        do throws(SummaryFault) {
            let summary = try Summary(decoding: bytes)
            let coherence = try coherence(in: bytes)
            guard (0...1).contains(coherence ?? 0) else { return .failure(.badCoherence) }
            let (metrics, ts) = (summary.metrics, summary.ts)
            return .success(SourceNumbers(metrics: metrics, ts: ts, triCoherence: coherence))
        } catch {
            return .failure(.refused(error))
        }
    }

    /// `tri_coherence`, which a file may contain beside the fields of a summary.
    ///
    /// - Returns: nil if it is absent or null, NaN if it is not a number.
    private static func coherence(in bytes: [UInt8]) throws(SummaryFault) -> Double? {
        var walk = JSONWalk(bytes)
        var coherence: Double?
        var isFirst = true
        do throws(JSONFault) {
            try walk.enter()
            while let key = try walk.nextKey(isFirst: isFirst) {
                isFirst = false
                if key == "tri_coherence", try walk.kind() != .null {
                    coherence = try walk.number() ?? .nan
                } else {
                    try walk.skip()
                }
            }
        } catch {
            throw .notJSON(error)
        }
        return coherence
    }
}
