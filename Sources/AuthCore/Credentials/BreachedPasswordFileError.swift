/// Why a list of breached passwords can't be used; the text is for the operator.
package struct BreachedPasswordFileError: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let problem: String

    package var description: String { "\(path): \(problem)" }
}
