internal import CCurl
internal import ClientTLS
import Glibc
internal import Synchronization

/// Debian's bundle of trusted certificates, read when a connection needs it, and again when it has
/// changed.
enum SystemBundle {
    private static let path = "/etc/ssl/certs/ca-certificates.crt"
    /// The largest bundle that is read; Debian's has a quarter of a megabyte.
    private static let maximumBytes = 16 << 20

    /// A state of the file.
    private struct Stamp: Equatable {
        var inode: ino_t
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private struct Loaded {
        var stamp: Stamp
        var store: TrustStore
    }

    private static let loaded = Mutex<Loaded?>(nil)

    /// The certificates; nil if they have never been readable.
    ///
    /// From any thread; may read the file.
    static var store: TrustStore? {
        loaded.withLock { loaded in
            var status = stat()
            guard unsafe stat(path, &status) == 0 else { return loaded?.store }
            let changed = status.st_mtim
            let stamp = Stamp(
                inode: status.st_ino,
                size: status.st_size,
                seconds: changed.tv_sec,
                nanoseconds: changed.tv_nsec
            )
            if loaded?.stamp != stamp, let store = read() {
                loaded = Loaded(stamp: stamp, store: store)
            }
            return loaded?.store
        }
    }

    private static func read() -> TrustStore? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while text.count <= maximumBytes {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { return try? TrustStore(trusting: text) }  // keeps the old one
            text += chunk[..<count]
        }
        return nil
    }
}
