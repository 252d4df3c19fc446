/// The format of the log; each record is one line.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `ts=… level=info msg="…" key=value`
    case logfmt
    /// `{"ts":"…","level":"info","msg":"…","key":"value"}`
    case json
}
