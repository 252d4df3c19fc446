/// The form of a record in the log, which is one line in either.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `ts=… level=info msg="…" key=value`
    case logfmt
    /// `{"ts":"…","level":"info","msg":"…","key":"value"}`
    case json
}
