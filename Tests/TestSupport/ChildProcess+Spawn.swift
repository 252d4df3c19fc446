import Foundation
import Glibc
import Synchronization

extension ChildProcess {
    /// Children start one at a time, because another child would inherit a pipe that is not yet
    /// marked close-on-exec.
    private static let startLock = Mutex(())

    /// A started child and our ends of its pipes.
    struct Started {
        var pid: Int32
        /// Standard output and standard error; the caller reads and closes them.
        var outputs: [Int32]
    }

    /// Starts a program that reads `input` and writes into two pipes.
    static func start(
        _ arguments: [String],
        _ environment: [String],
        input: [UInt8]
    ) throws -> Started {
        try startLock.withLock { _ in
            let standardInput = try file(holding: input)
            defer { _ = close(standardInput) }
            let (output, log) = try (pipe(), pipe())
            defer {
                _ = close(output.write)
                _ = close(log.write)
            }
            let pid = try spawn(
                arguments,
                environment,
                descriptors: [standardInput, output.write, log.write]
            )
            return Started(pid: pid, outputs: [output.read, log.read])
        }
    }

    /// A pipe that children do not inherit.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&ends) == 0 else {
            throw TestError("Cannot create a pipe: \(lastError())")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        return (ends[0], ends[1])
    }

    /// An unlinked temporary file that contains `bytes`, opened at offset 0.
    private static func file(holding bytes: [UInt8]) throws -> Int32 {
        let path = "/tmp/nova-federation-test-\(UUID().uuidString)"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw TestError("Cannot create a temporary file: \(lastError())")
        }
        unsafe unlink(path)
        let written = unsafe bytes.withUnsafeBytes {
            unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        guard written == bytes.count else {
            _ = close(descriptor)
            throw TestError("Wrote only \(written) of \(bytes.count) bytes to a temporary file.")
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    /// The next bytes of a stream; nil at its end.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
        }
        guard count > 0 || (count < 0 && errno == EINTR) else { return nil }
        return Array(buffer.prefix(max(0, count)))
    }

    /// Starts a program with `descriptors` as its standard streams, no signal blocked or ignored.
    private static func spawn(
        _ arguments: [String],
        _ environment: [String],
        descriptors: [Int32]
    ) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in descriptors.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )

        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe argv.indices { unsafe free(argv[index]) }
            for index in unsafe envp.indices { unsafe free(envp[index]) }
        }
        var pid: pid_t = 0
        let fault = unsafe posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        guard fault == 0 else {
            throw TestError(
                "Cannot start \(arguments[0]): \(unsafe String(cString: strerror(fault)))"
            )
        }
        return pid
    }
}
