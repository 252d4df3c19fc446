/// The version of this product: of its packages, its `User-Agent` and, unless set, its summaries.
enum ProductVersion {
    static let current = "0.1.0"
}
