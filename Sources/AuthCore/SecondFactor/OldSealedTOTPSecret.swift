import Bytes
import Cryptography

/// A TOTP secret as the FastAPI application stored it; only opened, never written.
///
/// Text: `NONCE:CIPHERTEXT:TAG` in base64 (RFC 4648 §4): AES-256-GCM with a nonce of 16 bytes and
/// no additional data. The key is PBKDF2-HMAC-SHA1 of the password, 100,000 iterations, with the
/// email as the salt. The plaintext is the secret in base32.
struct OldSealedTOTPSecret: Sendable, Equatable {
    private static let iterations = 100_000
    private static let saltByteCount = 16
    /// The longest text that is read; a secret of 64 bytes makes one of 190 characters.
    private static let textBytesMax = 256

    private let nonce: [UInt8]
    private let ciphertext: [UInt8]
    private let tag: [UInt8]

    /// - Throws: `.malformed`.
    init(parsing text: String) throws(SecondFactorError) {
        guard text.utf8.count <= OldSealedTOTPSecret.textBytesMax else { throw .malformed }
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 3,
            let nonce = Base64.standard.decode(String(fields[0])),
            nonce.count == AESGCM.oldNonceByteCount,
            let ciphertext = Base64.standard.decode(String(fields[1])), !ciphertext.isEmpty,
            let tag = Base64.standard.decode(String(fields[2])), tag.count == AESGCM.tagByteCount
        else { throw .malformed }
        self.nonce = nonce
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// Opens the secret. Costs one PBKDF2.
    ///
    /// - Parameters:
    ///   - password: the bytes that the old application was given.
    ///   - email: the address under which it knew the user.
    /// - Returns: the secret.
    /// - Throws: `.unreadable`, `.malformed` if its content is not a secret, `.cryptography`.
    func open(password: SecretBytes, email: String) throws(SecondFactorError) -> TOTPSecret {
        var salt = Array(email.utf8.prefix(OldSealedTOTPSecret.saltByteCount))
        while salt.count < OldSealedTOTPSecret.saltByteCount {
            salt.append(UInt8(ascii: "0"))
        }
        let base32: SecretBytes
        do throws(CryptographyError) {
            let key = try PBKDF2.derive(
                hash: .sha1, password: password, salt: salt,
                iterations: OldSealedTOTPSecret.iterations, count: AESGCM.keyByteCount)
            base32 = try AESGCM.open(
                ciphertext, tag: tag, key: key, nonce: nonce, additionalData: [])
        } catch {
            throw SecondFactorError(opening: error)
        }
        guard let bytes = Base32.decode(base32), let secret = TOTPSecret(bytes) else {
            throw .malformed
        }
        return secret
    }
}
