internal import Timing

extension CurlClient {
    /// The nanoseconds of an `Instant`, now.
    package static func now() -> Int64 { SystemClock.now.nanoseconds }
}
