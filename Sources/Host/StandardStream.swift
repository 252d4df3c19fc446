internal import Glibc

/// A standard stream of the process, by its descriptor.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes all of a text, and waits for the reader as long as it takes.
    ///
    /// - Throws: `StreamFault` if some of it could not be written. A file system may report only
    ///   on close(2) that it is full, so a copy of the descriptor is closed too.
    package func write(_ text: String) throws(StreamFault) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            switch WriteAttempt(bytes, to: rawValue) {
            case .wrote(let count): bytes = bytes.dropFirst(count)
            case .full: WriteAttempt.waitForRoom(in: rawValue, milliseconds: -1)
            case .failed(let code): throw StreamFault(stream: self, code: code)
            }
        }
        let copy = dup(rawValue)
        // Without a free descriptor there is nothing to learn.
        if copy >= 0, close(copy) != 0 { throw StreamFault(stream: self, code: errno) }
    }

    /// Writes a message on standard error; one that cannot be written has nowhere else to go.
    package static func report(_ message: String) {
        try? error.write(message + "\n")
    }
}

/// Some of a text could not be written; the process exits with 74.
package struct StreamFault: Error, CustomStringConvertible {
    var stream: StandardStream
    /// The errno of write(2) or close(2).
    var code: Int32

    /// Whether the reader closed the pipe, as `head` does: it knows, and needs no message.
    package var isClosedPipe: Bool { code == EPIPE }

    package var description: String {
        let cause = unsafe String(cString: strerror(code))
        return "cannot write standard \(stream): \(cause)"
    }
}

/// What one write(2) came to.
package enum WriteAttempt {
    /// So many bytes, at least one.
    case wrote(Int)
    /// A descriptor that does not block has no room now.
    case full
    /// With this errno.
    case failed(Int32)

    package init(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        while true {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count > 0 {
                self = .wrote(count)
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                self = .full
            } else {
                self = .failed(count < 0 ? errno : EIO)
            }
            return
        }
    }

    /// Waits until a descriptor has room or has failed; for ever if the time is negative.
    package static func waitForRoom(in descriptor: Int32, milliseconds: Int32) {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&descriptor, 1, milliseconds)
    }
}
