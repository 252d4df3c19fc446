import Glibc

/// A failed system call of a client's start, or of the thread of a lookup.
package struct SystemError: Error, CustomStringConvertible {
    package var code: Int32
    package var during: String

    package var description: String {
        unsafe "\(during) failed: \(String(cString: strerror(code)))"
    }
}
