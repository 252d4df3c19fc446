internal import Glibc

/// A standard stream of the process; the raw value is its descriptor.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Writes a whole text, waiting for the reader without a limit.
    ///
    /// - Throws: `StreamFault` if the text was not written completely. Some file systems report at
    ///   close(2) that they are full, so this closes a copy of the descriptor.
    package func write(_ text: String) throws(StreamFault) {
        if let code = WriteAttempt.writeWhole(text, to: rawValue) {
            throw StreamFault(stream: self, code: code)
        }
        let copy = dup(rawValue)
        // Without a free descriptor this check is skipped.
        if copy >= 0, close(copy) != 0 { throw StreamFault(stream: self, code: errno) }
    }

    /// Whether systemd connected this stream to the journal: its device and inode are those of
    /// JOURNAL_STREAM.
    package var isJournal: Bool {
        var status = stat()
        guard let variable = unsafe getenv("JOURNAL_STREAM"), unsafe fstat(rawValue, &status) == 0
        else { return false }
        return unsafe String(cString: variable) == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes a message to standard error; each of its lines is an error to the journal.
    package static func report(_ message: String) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        let prefix = error.isJournal ? "<3>" : ""
        // If this fails, there is no other place to report it.
        try? error.write(lines.map { prefix + $0 + "\n" }.joined())
    }
}

/// A text could not be written completely; the process exits with 74.
package struct StreamFault: Error, CustomStringConvertible {
    var stream: StandardStream
    /// The errno of write(2) or close(2).
    var code: Int32

    /// Whether the reader closed the pipe, as `head` does, so that no message is needed.
    package var isClosedPipe: Bool { code == EPIPE }

    package var description: String {
        "cannot write standard \(stream): \(systemError(code))"
    }
}

/// The result of one write(2).
package enum WriteAttempt {
    /// The number of bytes, at least 1.
    case wrote(Int)
    /// A non-blocking descriptor has no room.
    case full
    /// The errno.
    case failed(Int32)

    package init(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
        var count = 0
        repeat {
            count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress, buffer.count)
            }
        } while count < 0 && errno == EINTR
        if count > 0 {
            self = .wrote(count)
        } else {
            self = count < 0 && errno == EAGAIN ? .full : .failed(count < 0 ? errno : EIO)
        }
    }

    /// Waits until a descriptor has room or fails.
    package static func waitForRoom(in descriptor: Int32) {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&descriptor, 1, -1)
    }

    /// Writes a whole text, waiting for room without a limit; returns the errno if that failed.
    static func writeWhole(_ text: String, to descriptor: Int32) -> Int32? {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            switch WriteAttempt(bytes, to: descriptor) {
            case .wrote(let count): bytes = bytes.dropFirst(count)
            case .full: waitForRoom(in: descriptor)
            case .failed(let code): return code
            }
        }
        return nil
    }
}
