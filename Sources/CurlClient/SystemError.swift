/// A system call that failed while the client was being made.
package struct SystemError: Error {
    /// The errno of the call.
    package var code: Int32
    /// The call.
    package var during: String
}
