package import Bytes
import Cryptography
package import Storage

/// Carries a new secret from RegisterMfa to VerifyMfa, so that nothing is stored before the user
/// has presented a first code, and any daemon with the same server key can finish.
///
/// Text: `v1.KEY.BOX`: the id of the server key, and nonce (12), ciphertext and tag (16) in
/// base64url (RFC 4648 §5). The ciphertext holds the expiry (i64be, seconds since 1970) and the
/// secret; AES-256-GCM binds it to the user and to the account's MFA epoch. The epoch goes up
/// whenever MFA is turned on or off, so a token is worthless afterwards.
package struct EnrollmentToken: Sendable {
    /// How long a token is valid.
    package static let lifetime: Duration = .seconds(600)

    /// The longest text that is read; the longest genuine one has about 150 characters.
    private static let textBytesMax = 256
    private static let expiryByteCount = 8
    private static let version = "v1"

    private let keyRing: ServerKeyRing

    /// The account and the account state for which a token is valid.
    package struct Subject: Sendable {
        /// The account's id.
        package let userID: String
        /// How often MFA was turned on or off.
        package let mfaEpoch: Int64

        /// - Parameters:
        ///   - userID: the account's id.
        ///   - mfaEpoch: how often MFA was turned on or off.
        package init(userID: String, mfaEpoch: Int64) {
            self.userID = userID
            self.mfaEpoch = mfaEpoch
        }
    }

    /// - Parameter keyRing: the server's keys.
    package init(keyRing: ServerKeyRing) {
        self.keyRing = keyRing
    }

    /// A token that is valid for `subject` until `lifetime` after `now`.
    ///
    /// - Throws: `.cryptography`.
    package func seal(
        _ secret: TOTPSecret, for subject: Subject, at now: Timestamp
    ) throws(SecondFactorError) -> SecretBytes {
        let expiry = now.advanced(by: EnrollmentToken.lifetime).seconds
        let count = EnrollmentToken.expiryByteCount + secret.bytes.count
        let plaintext = SecretBytes(count: count) { plaintext in
            plaintext.storeBytes(of: expiry.bigEndian, as: Int64.self)
            let rest = UnsafeMutableRawBufferPointer(
                rebasing: plaintext[EnrollmentToken.expiryByteCount...])
            secret.bytes.withUnsafeBytes { rest.copyMemory(from: $0) }
        }
        let serverKey = keyRing.current
        let nonce = SecureRandom.bytes(AESGCM.nonceByteCount)
        do throws(CryptographyError) {
            let (ciphertext, tag) = try AESGCM.seal(
                plaintext, key: key(serverKey), nonce: nonce,
                additionalData: additionalData(serverKey, subject))
            var box = nonce + ciphertext + tag
            defer { wipe(&box) }
            return text("\(EnrollmentToken.version).\(serverKey.id).", box)
        } catch {
            throw .cryptography(error)
        }
    }

    /// `head`, followed by `box` in base64url.
    private func text(_ head: String, _ box: [UInt8]) -> SecretBytes {
        let head = Array(head.utf8)
        return SecretBytes(count: head.count + Base64.url.encodedCount(box.count)) { text in
            text.copyBytes(from: head)
            let rest = UnsafeMutableRawBufferPointer(rebasing: text[head.count...])
            box.withUnsafeBytes { _ = Base64.url.encode($0, into: rest) }
        }
    }

    /// The secret in a token of `subject`, if it has not expired.
    ///
    /// - Throws: `.malformed`, `.unreadable` (altered, another user's, or from before MFA was
    ///   turned on or off), `.expired`, `.cryptography`.
    package func open(
        _ token: SecretBytes, for subject: Subject, at now: Timestamp
    ) throws(SecondFactorError) -> TOTPSecret {
        let (keyID, box) = try parse(token)
        guard let serverKey = keyRing.key(keyID) else { throw .unreadable }
        let plaintext: SecretBytes
        do throws(CryptographyError) {
            plaintext = try AESGCM.open(
                Array(box[AESGCM.nonceByteCount..<box.count - AESGCM.tagByteCount]),
                tag: Array(box.suffix(AESGCM.tagByteCount)), key: key(serverKey),
                nonce: Array(box.prefix(AESGCM.nonceByteCount)),
                additionalData: additionalData(serverKey, subject))
        } catch {
            throw SecondFactorError(opening: error)
        }
        let expiry = plaintext.withUnsafeBytes {
            Int64(bigEndian: $0.loadUnaligned(as: Int64.self))
        }
        guard now < Timestamp(seconds: expiry) else { throw .expired }
        let bytes = plaintext.slice(
            from: EnrollmentToken.expiryByteCount,
            count: plaintext.count - EnrollmentToken.expiryByteCount)
        guard let secret = TOTPSecret(bytes) else { throw .malformed }
        return secret
    }

    /// The key id and the sealed box of a text that `seal` could have made.
    private func parse(
        _ token: SecretBytes
    ) throws(SecondFactorError) -> (keyID: String, box: [UInt8]) {
        guard token.count <= EnrollmentToken.textBytesMax else { throw .malformed }
        var text = token.withUnsafeBytes { Array($0) }
        defer { wipe(&text) }
        let fields = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].elementsEqual(EnrollmentToken.version.utf8)
        else { throw .malformed }
        let keyID = String(decoding: fields[1], as: UTF8.self)
        let overhead =
            AESGCM.nonceByteCount + AESGCM.tagByteCount + EnrollmentToken.expiryByteCount
        guard ServerKey.isID(keyID), let box = fields[2].withUnsafeBytes({ Base64.url.decode($0) }),
            TOTPSecret.byteCounts.contains(box.count - overhead)
        else { throw .malformed }
        return (keyID, box)
    }

    /// A key only for this purpose.
    private func key(_ serverKey: ServerKey) -> SecretBytes {
        HKDF.derive(
            hash: .sha256, key: serverKey.bytes, salt: [],
            info: Array("authd enrollment token v1".utf8), count: AESGCM.keyByteCount)
    }

    /// The user id is last: only it has no fixed form.
    private func additionalData(_ serverKey: ServerKey, _ subject: Subject) -> [UInt8] {
        let name = "authd enrollment token \(EnrollmentToken.version)"
        return Array("\(name)$\(serverKey.id)$\(subject.mfaEpoch)$\(subject.userID)".utf8)
    }
}
