import Glibc
import TestSupport
import Testing

/// Mounts that only one process of a test sees, and that end with it.
enum MountNamespace {
    /// Starts a shell script in a mount namespace of its own, with `arguments` as `$1` and so on.
    ///
    /// Without root it is created in a user namespace, where nothing can be unmounted.
    static func start(
        _ script: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let user = geteuid() == 0 ? [] : ["--user", "--map-root-user"]
        return try ChildProcess(
            tool(named: "unshare", package: "util-linux"),
            user + ["--mount", "--", "/bin/sh", "-ec", script, "sh"] + arguments,
            environment: environment
        )
    }
}
