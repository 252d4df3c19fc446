/// Why a test could not be carried out, as a sentence.
package struct TestTrouble: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
