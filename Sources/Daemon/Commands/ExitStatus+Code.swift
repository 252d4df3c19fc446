import ArgumentParser
import Host

extension ExitStatus {
    /// The status as ArgumentParser's error.
    var code: ExitCode { ExitCode(rawValue) }
}
