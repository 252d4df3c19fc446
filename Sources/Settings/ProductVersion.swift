internal import CVersion

/// The version of packages and of `User-Agent`, and the default version of summaries.
package enum ProductVersion {
    /// The first line of the file VERSION.
    package static let current = String(
        (unsafe String(cString: nova_version_file())).prefix { $0 != "\n" }
    )
}
