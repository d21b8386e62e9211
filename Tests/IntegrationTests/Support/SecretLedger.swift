import Bytes
import Glibc
import Synchronization

/// Every password and token that a test has used, to be looked for in the daemon's log.
final class SecretLedger: Sendable {
    private let texts = Mutex<Set<String>>([])

    var count: Int { texts.withLock { $0.count } }

    func note(password: String) {
        texts.withLock { _ = $0.insert(password) }
    }

    /// The payload and the signature each count: the header is the same for all.
    func note(token: SecretBytes) {
        let parts = text(of: token).split(separator: ".").dropFirst().map(String.init)
        texts.withLock { $0.formUnion(parts) }
    }

    /// Those that are in `log`, which has no NUL.
    func leaks(in log: String) -> [String] {
        texts.withLock { texts in
            log.withCString { log in texts.filter { strstr(log, $0) != nil } }
        }
    }
}

/// The text of a token.
func text(of secret: SecretBytes) -> String {
    secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}
