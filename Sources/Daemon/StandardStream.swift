import Glibc

/// A stream that the process was born with, by its descriptor.
enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes a text with one system call if the system takes it whole, which it does for a file
    /// and, up to 4,096 bytes, for a pipe.
    ///
    /// What cannot be written is lost: there is nowhere left to say so.
    func write(_ text: String) { Self.write(text, to: rawValue) }

    /// The same for any descriptor.
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...]
                .withUnsafeBytes { buffer in
                    unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            start += count
        }
    }
}
