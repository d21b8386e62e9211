import Bytes
import Cryptography

/// A TOTP secret as stored, in the current form.
///
/// Text: `v1$i=ITERATIONS$k=KEY$SALT$NONCE$CIPHERTEXT$TAG`: the iterations of PBKDF2 in decimal,
/// the id of the server key, and four byte strings in base64url (RFC 4648 §5, no padding).
struct SealedTOTPSecret: Sendable, Equatable {
    /// The iterations that a stored text may name. With fewer, the password could be guessed fast
    /// should the server key leak too; with more, opening would occupy a thread for over half a
    /// second.
    static let iterations = 10_000...1_000_000
    /// The length of the salt in bytes (RFC 8018 §4.1 requires at least 8).
    static let saltByteCount = 16
    /// The longest text that is read; the longest of this form is shorter.
    static let textBytesMax = 256

    /// Of PBKDF2-HMAC-SHA256.
    var iterations: Int
    /// Which server key is used.
    var keyID: String
    /// 16 random bytes.
    var salt: [UInt8]
    /// 12 bytes.
    var nonce: [UInt8]
    /// As long as the secret.
    var ciphertext: [UInt8]
    /// 16 bytes.
    var tag: [UInt8]

    private static let version = "v1"

    /// The text that is stored.
    var text: String {
        let fields = [salt, nonce, ciphertext, tag].map { Base64.url.encode($0) }
        return header + "$" + fields.joined(separator: "$")
    }

    /// Version, iterations and key id as in the text.
    var header: String {
        "\(SealedTOTPSecret.version)$i=\(iterations)$k=\(keyID)"
    }

    init(
        iterations: Int, keyID: String, salt: [UInt8], nonce: [UInt8], ciphertext: [UInt8],
        tag: [UInt8]
    ) {
        self.iterations = iterations
        self.keyID = keyID
        self.salt = salt
        self.nonce = nonce
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// Reads exactly what `text` writes: no leading zero, sign, space or other base64.
    ///
    /// - Throws: `.malformed`.
    init(parsing text: String) throws(SecondFactorError) {
        guard text.utf8.count <= SealedTOTPSecret.textBytesMax else { throw .malformed }
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 7, fields[0] == SealedTOTPSecret.version,
            fields[1].hasPrefix("i="), fields[2].hasPrefix("k="),
            let iterations = Int(fields[1].dropFirst(2)),
            SealedTOTPSecret.iterations.contains(iterations),
            ServerKey.isID(fields[2].dropFirst(2)),
            let salt = Base64.url.decode(String(fields[3])),
            salt.count == SealedTOTPSecret.saltByteCount,
            let nonce = Base64.url.decode(String(fields[4])),
            nonce.count == AESGCM.nonceByteCount,
            let ciphertext = Base64.url.decode(String(fields[5])),
            TOTPSecret.byteCounts.contains(ciphertext.count),
            let tag = Base64.url.decode(String(fields[6])), tag.count == AESGCM.tagByteCount
        else { throw .malformed }
        self.init(
            iterations: iterations, keyID: String(fields[2].dropFirst(2)), salt: salt,
            nonce: nonce, ciphertext: ciphertext, tag: tag)
        // `Int` reads `+1` and `01` too, and string comparison accepts canonical equivalents.
        guard self.text.utf8.elementsEqual(text.utf8) else { throw .malformed }
    }
}
