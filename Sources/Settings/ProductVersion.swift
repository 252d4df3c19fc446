internal import CVersion

/// The version of this product: of its packages, its `User-Agent` and, unless set, its summaries.
package enum ProductVersion {
    /// The line in the file VERSION.
    package static let current = String(
        (unsafe String(cString: nova_version_file())).prefix { $0 != "\n" }
    )
}
