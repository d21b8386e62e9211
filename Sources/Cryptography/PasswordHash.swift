package import Bytes

/// A stored password hash of any scheme that can be checked. New ones are bcrypt's.
package enum PasswordHash: Sendable, Equatable {
    case bcrypt(BcryptHash)
    case argon2id(Argon2idHash)
    case scrypt(ScryptHash)
    case pbkdf2(PBKDF2Hash)

    /// The longest text of a hash, in bytes.
    package static let textBytesMax = HashTextFields.textBytesMax

    /// - Parameter text: the stored form.
    /// - Throws: `hashMalformed` for a text of an unknown scheme; `costOutOfRange` or
    ///   `hashParameterOutOfRange` for one that would cost too much to check.
    package init(parsing text: String) throws(CryptographyError) {
        // Before the text is compared, which takes long where it has many combining marks.
        guard text.utf8.count <= PasswordHash.textBytesMax else { throw .hashMalformed }
        if text.hasPrefix("$argon2id$") {
            self = .argon2id(try Argon2idHash(parsing: text))
        } else if text.hasPrefix("$scrypt$") {
            self = .scrypt(try ScryptHash(parsing: text))
        } else if text.hasPrefix("$pbkdf2") {
            self = .pbkdf2(try PBKDF2Hash(parsing: text))
        } else {
            let hash = try BcryptHash(parsing: text)
            let costs = BcryptHash.costs.lowerBound...BcryptHash.costMax
            guard costs.contains(hash.cost) else { throw .costOutOfRange(costs) }
            self = .bcrypt(hash)
        }
    }

    /// Whether `password` is the one that was hashed.
    ///
    /// - Parameters:
    ///   - password: any bytes; the caller limits their number.
    ///   - allowsTruncation: whether only the first 72 bytes count under plain bcrypt.
    ///   - engine: what computes bcrypt.
    /// - Returns: whether it matches.
    /// - Throws: `libraryFailure`.
    package func verify(
        _ password: SecretBytes, allowsTruncation: Bool, engine: BcryptEngine = .library
    ) throws(CryptographyError) -> Bool {
        switch self {
        case .bcrypt(let hash):
            try hash.verify(password, allowsTruncation: allowsTruncation, engine: engine)
        case .argon2id(let hash): try hash.verify(password)
        case .scrypt(let hash): try hash.verify(password)
        case .pbkdf2(let hash): try hash.verify(password)
        }
    }

    /// Whether this is what `BcryptHash.make` would produce for the password.
    ///
    /// - Parameters:
    ///   - password: the one that was hashed.
    ///   - cost: bcrypt's cost of new hashes.
    /// - Returns: false if the hash should be replaced.
    package func isCurrent(for password: SecretBytes, cost: Int) -> Bool {
        guard case .bcrypt(let hash) = self else { return false }
        return hash.cost == cost && hash.scheme == BcryptHash.scheme(for: password)
    }

    /// Whether the scheme only uses 72 bytes of a password.
    package var isPlainBcrypt: Bool {
        guard case .bcrypt(let hash) = self else { return false }
        return hash.scheme != .bcryptSHA256
    }

    /// Scheme and cost, such as `bcrypt 12`; nothing of the hash itself.
    package var name: String {
        switch self {
        case .bcrypt(let hash):
            (hash.scheme == .bcryptSHA256 ? "bcrypt-sha256 " : "bcrypt ") + "\(hash.cost)"
        case .argon2id(let hash):
            "argon2id m=\(hash.memory),t=\(hash.passes),p=\(hash.lanes)"
        case .scrypt(let hash):
            "scrypt ln=\(hash.logarithm),r=\(hash.blockSize),p=\(hash.parallelism)"
        case .pbkdf2(let hash):
            switch hash.algorithm {
            case .sha1: "pbkdf2-sha1 \(hash.rounds)"
            case .sha256: "pbkdf2-sha256 \(hash.rounds)"
            case .sha384: "pbkdf2-sha384 \(hash.rounds)"
            case .sha512: "pbkdf2-sha512 \(hash.rounds)"
            }
        }
    }
}
