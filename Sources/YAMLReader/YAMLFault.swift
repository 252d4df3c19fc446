/// Why a file cannot be read as YAML.
package struct YAMLFault: Error, Hashable, Sendable {
    /// A phrase after the file's name, such as `is not YAML: did not find expected ',' or ']'`.
    package var reason: String
    /// From 1; 0 = unknown.
    package var line: Int

    package init(reason: String, line: Int) {
        self.reason = reason
        self.line = line
    }
}
