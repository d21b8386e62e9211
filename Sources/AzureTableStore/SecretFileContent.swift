package import Bytes

/// The result of reading a file with a secret.
package enum SecretFileContent: Sendable {
    case content(SecretBytes)
    /// Why it could not be read, with its path, for the operator.
    case unreadable(String)

    var problem: String {
        if case .unreadable(let problem) = self { problem } else { "" }
    }
}
