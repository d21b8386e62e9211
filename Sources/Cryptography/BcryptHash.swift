package import Bytes

/// A stored password hash: bcrypt, or bcrypt over HMAC-SHA-256 for passwords bcrypt can't take
/// completely.
///
/// `make` and `verify` block a core for as long as the cost demands (cost 12: a few hundred
/// milliseconds): call them on a worker pool, never on an event loop.
package struct BcryptHash: Sendable, Equatable {
    /// How the password gets into bcrypt.
    package enum Scheme: String, Sendable, CaseIterable {
        /// `$2a$`, as older libraries write it.
        case bcrypt2a = "2a"
        /// `$2b$`, the current one.
        case bcrypt2b = "2b"
        /// `$2y$`, the same under the name that PHP writes.
        case bcrypt2y = "2y"
        /// passlib's `$bcrypt-sha256$v=2,t=2b,...`: `$2b$` of the base64 of
        /// HMAC-SHA-256(key: the salt's text, message: the password).
        case bcryptSHA256 = "bcrypt-sha256"
    }

    /// The costs that bcrypt defines; 2 to this power is the number of rounds.
    package static let costs = 4...31
    /// The highest cost that `verify` runs unless told otherwise: 16 takes several seconds, and a
    /// stored cost is input. Also the highest that `make` takes.
    package static let costMax = 16
    /// The bytes of a password that bcrypt uses.
    package static let passwordBytesMax = 72

    /// The scheme of the stored text.
    package let scheme: Scheme
    /// The cost of the stored text, in `costs`.
    package let cost: Int
    /// The whole text, as it is stored. Not for logs.
    package let text: String
    /// 22 characters of bcrypt's base64: 16 bytes.
    let salt: String
    /// 31 characters of bcrypt's base64: 23 bytes.
    let digest: [UInt8]

    init(scheme: Scheme, cost: Int, salt: String, digest: [UInt8]) {
        self.scheme = scheme
        self.cost = cost
        self.salt = salt
        self.digest = digest
        let digestText = String(decoding: digest, as: UTF8.self)
        text =
            switch scheme {
            case .bcryptSHA256: "$bcrypt-sha256$v=2,t=2b,r=\(cost)$\(salt)$\(digestText)"
            default:
                BcryptHash.setting(scheme.rawValue, cost: cost, salt: salt) + digestText
            }
    }

    /// A hash of `password` under a fresh random salt. Nothing is truncated: for more than 72
    /// bytes, or with a NUL byte, the scheme is `bcryptSHA256`, else `bcrypt2b`.
    ///
    /// - Parameters:
    ///   - password: any bytes; the caller limits their number.
    ///   - cost: 4 to `costMax`.
    ///   - engine: what computes.
    /// - Returns: the hash.
    /// - Throws: `costOutOfRange`, `libraryFailure`.
    package static func make(
        password: SecretBytes, cost: Int, engine: BcryptEngine = .library
    ) throws(CryptographyError) -> BcryptHash {
        let allowed = costs.lowerBound...costMax
        guard allowed.contains(cost) else { throw .costOutOfRange(allowed) }
        let salt = BcryptBase64.encode(SecureRandom.bytes(16))
        let scheme: Scheme = fits(password) ? .bcrypt2b : .bcryptSHA256
        let digest = try compute(scheme, cost, salt, password, engine) { Array($0) }
        return BcryptHash(scheme: scheme, cost: cost, salt: salt, digest: digest)
    }

    /// Whether `password` is the one that was hashed. Always costs one whole bcrypt.
    ///
    /// Under the plain bcrypt schemes, a password longer than 72 bytes, or with a NUL byte, never
    /// matches: `make` would not have used them. The one exception is `allowsTruncation`, for rows
    /// of the old application, whose bcrypt used the first 72 bytes and ignored the rest. A NUL
    /// byte among those bytes never matches: crypt(3) stops at it, so that all passwords that
    /// differ only after it would be equal.
    ///
    /// - Parameters:
    ///   - password: any bytes; the caller limits their number.
    ///   - allowsTruncation: whether only the first 72 bytes count under plain bcrypt.
    ///   - costMax: the highest cost to run.
    ///   - engine: what computes.
    /// - Returns: whether it matches.
    /// - Throws: `costOutOfRange` when the stored cost is over `costMax`; `libraryFailure`.
    package func verify(
        _ password: SecretBytes, allowsTruncation: Bool, costMax: Int = BcryptHash.costMax,
        engine: BcryptEngine = .library
    ) throws(CryptographyError) -> Bool {
        guard cost <= costMax else { throw .costOutOfRange(4...max(4, costMax)) }
        let mayMatch: Bool =
            switch scheme {
            case .bcryptSHA256: true
            default:
                BcryptHash.fits(password)
                    || allowsTruncation && BcryptHash.fits(BcryptHash.truncated(password))
            }
        let equal = try BcryptHash.compute(scheme, cost, salt, password, engine) { computed in
            digest.withUnsafeBytes { constantTimeEqual(computed, $0) }
        }
        return mayMatch && equal
    }

    /// Runs bcrypt according to `scheme` and passes the 31 characters of the digest to `body`.
    private static func compute<Result>(
        _ scheme: Scheme, _ cost: Int, _ salt: String, _ password: SecretBytes,
        _ engine: BcryptEngine, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(CryptographyError) -> Result {
        let isPrehashed = scheme == .bcryptSHA256
        let phrase = isPrehashed ? prehashed(password, salt: salt) : truncated(password)
        // crypt(3) hashes a few passwords differently under $2a$, so that they are not mistaken for
        // the ones that an old bug made equal to them.
        if case .lanes(let lanes) = engine, scheme != .bcrypt2a,
            let salt = BcryptBase64.decode(salt)
        {
            return lanes.digest(of: untilNUL(phrase), salt: salt, cost: cost).withUnsafeBytes(body)
        }
        let identifier = isPrehashed ? Scheme.bcrypt2b.rawValue : scheme.rawValue
        return try CryptWorkspace().digest(
            of: phrase, setting(identifier, cost: cost, salt: salt), body)
    }

    private static func setting(_ identifier: String, cost: Int, salt: String) -> String {
        "$\(identifier)$\(cost < 10 ? "0" : "")\(cost)$\(salt)"
    }

    static func fits(_ password: SecretBytes) -> Bool {
        password.count <= passwordBytesMax && password.withUnsafeBytes { !$0.contains(0) }
    }

    private static func truncated(_ password: SecretBytes) -> SecretBytes {
        password.slice(from: 0, count: min(password.count, passwordBytesMax))
    }

    /// The part of a password that crypt(3) sees.
    private static func untilNUL(_ password: SecretBytes) -> SecretBytes {
        let end = password.withUnsafeBytes { $0.firstIndex(of: 0) }
        return end.map { password.slice(from: 0, count: $0) } ?? password
    }

    /// The 44 characters that the bcrypt-sha256 scheme gives to bcrypt.
    private static func prehashed(_ password: SecretBytes, salt: String) -> SecretBytes {
        let key = HMACKey(.sha256, key: SecretBytes(utf8: salt))
        let code = SecretBytes(count: HashAlgorithm.sha256.byteCount) { code in
            password.withUnsafeBytes { key.authenticate($0, into: code) }
        }
        return SecretBytes(count: Base64.standard.encodedCount(code.count)) { text in
            code.withUnsafeBytes { _ = Base64.standard.encode($0, into: text) }
        }
    }
}

extension BcryptHash: CustomStringConvertible, CustomReflectable {
    /// Without salt and digest, so that a log line can't contain them.
    package var description: String { "<\(scheme.rawValue) hash, cost \(cost)>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
