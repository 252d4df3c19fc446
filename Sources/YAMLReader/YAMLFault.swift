/// Why a file cannot be read as YAML.
package struct YAMLFault: Error, Hashable, Sendable {
    /// A phrase that follows the file's name: `is not YAML: did not find expected ',' or ']'`.
    package var reason: String
    /// From 1; 0 if it is not known.
    package var line: Int

    package init(reason: String, line: Int) {
        self.reason = reason
        self.line = line
    }
}
