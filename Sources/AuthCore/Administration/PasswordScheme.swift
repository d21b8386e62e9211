import Cryptography

/// What may be told of a stored password hash.
enum PasswordScheme {
    /// Scheme and cost, such as `bcrypt 12`; `unknown` for a text of no known scheme.
    static func name(of passwordHash: String) -> String {
        guard let hash = try? BcryptHash(parsing: passwordHash) else { return "unknown" }
        return hash.scheme == .bcryptSHA256 ? "bcrypt-sha256 \(hash.cost)" : "bcrypt \(hash.cost)"
    }
}
