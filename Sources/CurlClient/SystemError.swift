import Glibc

/// A system call that failed: one that a client needs at its start, or a thread for a lookup.
package struct SystemError: Error, CustomStringConvertible {
    /// The errno of the call.
    package var code: Int32
    /// The call.
    package var during: String

    package var description: String {
        unsafe "\(during) failed: \(String(cString: strerror(code)))"
    }
}
