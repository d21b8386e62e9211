import Bytes
import Cryptography

/// Seals short texts and secrets only under the server's key: AES-256-GCM, with a separate key
/// per purpose, bound to a subject.
///
/// Text: `KEY.BOX`: the id of the server key, and nonce (12), ciphertext and tag (16) in base64url
/// (RFC 4648 §5).
struct ServerSealing: Sendable {
    /// What is sealed. Nothing sealed for one purpose can be opened for another.
    enum Purpose: String, Sendable {
        case importedTOTPSecret = "imported totp secret"
        case pageToken = "page token"
    }

    /// The most bytes that are sealed: a place in a store's scan may have two keys of 255
    /// characters and more.
    private static let plaintextBytesMax = 2048
    /// The longest text that is read: the base64 of that, and the key's id.
    private static let textBytesMax = 3072

    private let keyRing: ServerKeyRing
    private let purpose: Purpose

    /// - Parameters:
    ///   - keyRing: the server's keys.
    ///   - purpose: what is sealed.
    init(keyRing: ServerKeyRing, purpose: Purpose) {
        self.keyRing = keyRing
        self.purpose = purpose
    }

    /// The text that can be opened for `subject`.
    ///
    /// - Throws: `.malformed` for more than 2,048 bytes, `.cryptography`.
    func seal(_ plaintext: SecretBytes, subject: String) throws(SecondFactorError) -> String {
        guard plaintext.count <= ServerSealing.plaintextBytesMax else { throw .malformed }
        let serverKey = keyRing.current
        let nonce = SecureRandom.bytes(AESGCM.nonceByteCount)
        do throws(CryptographyError) {
            let (ciphertext, tag) = try AESGCM.seal(
                plaintext, key: key(serverKey), nonce: nonce,
                additionalData: additionalData(serverKey, subject))
            return "\(serverKey.id).\(Base64.url.encode(nonce + ciphertext + tag))"
        } catch {
            throw .cryptography(error)
        }
    }

    /// What was sealed for `subject`.
    ///
    /// - Throws: `.malformed`, `.unreadable`, `.cryptography`.
    func open(_ text: String, subject: String) throws(SecondFactorError) -> SecretBytes {
        guard text.utf8.count <= ServerSealing.textBytesMax else { throw .malformed }
        let fields = text.split(separator: ".", omittingEmptySubsequences: false)
        guard fields.count == 2, ServerKey.isID(fields[0]),
            let box = Base64.url.decode(String(fields[1])),
            box.count >= AESGCM.nonceByteCount + AESGCM.tagByteCount
        else { throw .malformed }
        guard let serverKey = keyRing.key(String(fields[0])) else { throw .unreadable }
        do throws(CryptographyError) {
            return try AESGCM.open(
                Array(box[AESGCM.nonceByteCount..<box.count - AESGCM.tagByteCount]),
                tag: Array(box.suffix(AESGCM.tagByteCount)), key: key(serverKey),
                nonce: Array(box.prefix(AESGCM.nonceByteCount)),
                additionalData: additionalData(serverKey, subject))
        } catch {
            throw SecondFactorError(opening: error)
        }
    }

    private func key(_ serverKey: ServerKey) -> SecretBytes {
        HKDF.derive(
            hash: .sha256, key: serverKey.bytes, salt: [],
            info: Array("authd \(purpose.rawValue) v1".utf8), count: AESGCM.keyByteCount)
    }

    /// The subject is last: only it has no fixed form.
    private func additionalData(_ serverKey: ServerKey, _ subject: String) -> [UInt8] {
        Array("authd \(purpose.rawValue)$\(serverKey.id)$\(subject)".utf8)
    }
}
