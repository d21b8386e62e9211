import Bytes
import Cryptography
import Synchronization

/// The operator's list of passwords that are known from breaches; may be replaced while in use.
package final class BreachedPasswords: Sendable {
    private let list = Mutex<BreachedPasswordFile?>(nil)

    /// No list: no password is on it.
    package init() {}

    /// Replaces the current file with the one at `path`.
    ///
    /// - Throws: for a file that can't be used; then the current one stays.
    package func load(_ path: String) throws(BreachedPasswordFileError) {
        let file = try BreachedPasswordFile(path: path)
        list.withLock { $0 = file }
    }

    /// How many passwords are on the list.
    package var count: Int { list.withLock { $0?.count ?? 0 } }

    /// Whether `password` (UTF-8, NFC) is on the list. Reads from disk: not for an event loop.
    func contains(_ password: SecretBytes) -> Bool {
        guard let file = list.withLock({ $0 }) else { return false }
        return file.contains(BreachDigest.number(of: password))
    }
}
