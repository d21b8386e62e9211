package import Bytes

/// A password hash of PBKDF2 (RFC 8018 §5.2), as passlib stores it; checked, never made.
///
/// Text: `$pbkdf2$ROUNDS$SALT$DIGEST` with HMAC-SHA-1, `$pbkdf2-sha256$…` and `$pbkdf2-sha512$…`;
/// the last two in base64 without padding, with `.` for `+`. `verify` blocks a core: call it on a
/// worker pool.
package struct PBKDF2Hash: Sendable, Equatable {
    /// Rounds: above what is recommended for SHA-1 (1,300,000), and about a second of one core.
    /// Anyone who knows an email can make the daemon do this, so it is limited, whatever was
    /// stored.
    package static let rounds = 1...2_000_000

    /// Of the HMAC inside.
    package let algorithm: HashAlgorithm
    /// Rounds.
    package let rounds: Int
    private let salt: [UInt8]
    private let digest: [UInt8]

    /// - Parameter text: the stored form.
    /// - Throws: `hashMalformed`, `hashParameterOutOfRange`.
    package init(parsing text: String) throws(CryptographyError) {
        let fields = HashTextFields(text)
        guard fields.count == 4, let algorithm = PBKDF2Hash.algorithm(fields[0]),
            let rounds = fields.number(1),
            let salt = Base64.adapted.decode(fields[2]), salt.count <= 64,
            let digest = Base64.adapted.decode(fields[3]), digest.count == algorithm.byteCount
        else { throw .hashMalformed }
        self.algorithm = algorithm
        self.rounds = rounds
        self.salt = salt
        self.digest = digest
        try CryptographyError.check(rounds, in: PBKDF2Hash.rounds, "rounds")
    }

    /// Whether `password` is the one that was hashed.
    ///
    /// - Throws: `libraryFailure`.
    package func verify(_ password: SecretBytes) throws(CryptographyError) -> Bool {
        let computed = try PBKDF2.derive(
            hash: algorithm, password: password, salt: salt, iterations: rounds,
            count: digest.count)
        return digest.withUnsafeBytes { digest in
            computed.withUnsafeBytes { constantTimeEqual($0, digest) }
        }
    }

    private static func algorithm(_ identifier: String) -> HashAlgorithm? {
        switch identifier {
        case "pbkdf2": .sha1
        case "pbkdf2-sha256": .sha256
        case "pbkdf2-sha512": .sha512
        default: nil
        }
    }
}
