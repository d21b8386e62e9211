package import Bytes
import Cryptography

/// Protects TOTP secrets at rest with the user's password and a server key together.
///
/// Neither the table nor the password nor both of them open a secret without the server key; and
/// without that key the tag can't be used to try passwords. The additional data is the user id
/// with version, iterations and key id, and the email is part of the salt, so nothing sealed for
/// one account can be opened for another, and no field can be exchanged.
///
/// A secret that was imported from another system is sealed only under the server key until the
/// first login with a code: there is no password to seal it with. Until then server key and table
/// together open it.
///
/// Sealing and opening cost one PBKDF2 each and block that long (tens of milliseconds): call them
/// on a worker pool.
package struct TOTPSecretSealing: Sendable {
    /// The iterations of PBKDF2-HMAC-SHA256 in new data. Guessing needs the server key first;
    /// this is the remaining protection then, at a cost of 30 ms per login.
    package static let iterations = 100_000

    /// The prefix of a text that is sealed without a password.
    private static let serverForm = "server1$"

    private let keyRing: ServerKeyRing
    private let serverSealing: ServerSealing
    private let iterations: Int
    /// How often PBKDF2 ran.
    package let pbkdf2Runs = RunCounter()

    /// Whose secret it is, and what opens it.
    package struct Owner: Sendable {
        /// The account's id.
        package let userID: String
        /// The stored form of the account's address.
        package let email: String
        /// In NFC, the form that is hashed.
        package let password: SecretBytes
        /// As the user sent it: what the old application used. Usually the same as `password`.
        package let rawPassword: SecretBytes
        /// The address that the old application knew the user by.
        package let oldEmail: String

        /// - Parameters:
        ///   - userID: the account's id.
        ///   - email: the stored form of the account's address.
        ///   - password: in NFC.
        ///   - rawPassword: as the user sent it.
        ///   - oldEmail: the address in the old application; nil for the same.
        package init(
            userID: String, email: String, password: SecretBytes, rawPassword: SecretBytes,
            oldEmail: String? = nil
        ) {
            self.userID = userID
            self.email = email
            self.password = password
            self.rawPassword = rawPassword
            self.oldEmail = oldEmail ?? email
        }
    }

    /// A secret that was opened.
    package struct Opened: Sendable {
        /// The secret.
        package let secret: TOTPSecret
        /// Whether it should be resealed: another key, other iterations, or an old form.
        package let needsResealing: Bool
    }

    /// - Parameters:
    ///   - keyRing: the server's keys.
    ///   - iterations: for new data, in 10,000...1,000,000.
    package init(keyRing: ServerKeyRing, iterations: Int = TOTPSecretSealing.iterations) {
        precondition(SealedTOTPSecret.iterations.contains(iterations), "no such iterations")
        self.keyRing = keyRing
        serverSealing = ServerSealing(keyRing: keyRing, purpose: .importedTOTPSecret)
        self.iterations = iterations
    }

    /// The text to store. Costs one PBKDF2.
    ///
    /// - Throws: `.cryptography`.
    package func seal(
        _ secret: TOTPSecret, for owner: Owner
    ) throws(SecondFactorError) -> String {
        var sealed = SealedTOTPSecret(
            iterations: iterations, keyID: keyRing.current.id,
            salt: SecureRandom.bytes(SealedTOTPSecret.saltByteCount),
            nonce: SecureRandom.bytes(AESGCM.nonceByteCount), ciphertext: [], tag: [])
        do throws(CryptographyError) {
            (sealed.ciphertext, sealed.tag) = try AESGCM.seal(
                secret.bytes, key: try key(keyRing.current, sealed, owner), nonce: sealed.nonce,
                additionalData: additionalData(sealed, owner))
        } catch {
            throw .cryptography(error)
        }
        return sealed.text
    }

    /// The text to store while nobody has the password yet. Costs no PBKDF2.
    ///
    /// - Throws: `.cryptography`.
    func sealWithoutPassword(
        _ secret: TOTPSecret, userID: String
    ) throws(SecondFactorError) -> String {
        TOTPSecretSealing.serverForm
            + (try serverSealing.seal(secret.bytes, subject: userID))
    }

    /// Whether a stored text has one of our forms and is sealed under a known key; whether the
    /// user's password opens it can't be known.
    func canOpen(_ text: String, userID: String) -> Bool {
        do throws(SecondFactorError) {
            if TOTPSecretSealing.isServerForm(text) {
                _ = try openWithoutPassword(text, userID: userID)
                return true
            }
            guard text.utf8.contains(UInt8(ascii: "$")) else {
                _ = try OldSealedTOTPSecret(parsing: text)
                return true
            }
            return keyRing.key(try SealedTOTPSecret(parsing: text).keyID) != nil
        } catch {
            return false
        }
    }

    /// By bytes: comparing text takes long where it has many combining marks.
    private static func isServerForm(_ text: String) -> Bool {
        text.utf8.starts(with: serverForm.utf8)
    }

    private func openWithoutPassword(
        _ text: String, userID: String
    ) throws(SecondFactorError) -> TOTPSecret {
        let sealed = String(
            decoding: text.utf8.dropFirst(TOTPSecretSealing.serverForm.utf8.count), as: UTF8.self)
        guard let secret = TOTPSecret(try serverSealing.open(sealed, subject: userID)) else {
            throw .malformed
        }
        return secret
    }

    /// Opens a stored text, in the current form or the old application's. Costs one PBKDF2, and for
    /// the old form a second one if the first password did not match and there is another form.
    ///
    /// - Throws: `.malformed`, `.unreadable`, `.cryptography`.
    package func open(_ text: String, for owner: Owner) throws(SecondFactorError) -> Opened {
        if TOTPSecretSealing.isServerForm(text) {
            let secret = try openWithoutPassword(text, userID: owner.userID)
            return Opened(secret: secret, needsResealing: true)
        }
        guard text.utf8.contains(UInt8(ascii: "$")) else {
            return Opened(secret: try openOld(text, for: owner), needsResealing: true)
        }
        let sealed = try SealedTOTPSecret(parsing: text)
        // The time reveals an unknown key; that the server lacks a key is not a secret.
        guard let serverKey = keyRing.key(sealed.keyID) else { throw .unreadable }
        let bytes: SecretBytes
        do throws(CryptographyError) {
            bytes = try AESGCM.open(
                sealed.ciphertext, tag: sealed.tag, key: try key(serverKey, sealed, owner),
                nonce: sealed.nonce, additionalData: additionalData(sealed, owner))
        } catch {
            throw SecondFactorError(opening: error)
        }
        guard let secret = TOTPSecret(bytes) else { throw .malformed }
        let isOfToday = sealed.keyID == keyRing.current.id && sealed.iterations == iterations
        return Opened(secret: secret, needsResealing: !isOfToday)
    }

    private func openOld(
        _ text: String, for owner: Owner
    ) throws(SecondFactorError) -> TOTPSecret {
        let sealed = try OldSealedTOTPSecret(parsing: text)
        do throws(SecondFactorError) {
            pbkdf2Runs.count(1)
            return try sealed.open(password: owner.rawPassword, email: owner.oldEmail)
        } catch {
            guard error == .unreadable, owner.password != owner.rawPassword else { throw error }
            pbkdf2Runs.count(1)
            return try sealed.open(password: owner.password, email: owner.oldEmail)
        }
    }

    /// HKDF over the server key followed by PBKDF2 of the password: unknown as long as one of
    /// the two is. Both have a fixed length, so the joined key is unambiguous.
    private func key(
        _ serverKey: ServerKey, _ sealed: SealedTOTPSecret, _ owner: Owner
    ) throws(CryptographyError) -> SecretBytes {
        pbkdf2Runs.count(1)
        let fromPassword = try PBKDF2.derive(
            hash: .sha256, password: owner.password, salt: sealed.salt + Array(owner.email.utf8),
            iterations: sealed.iterations, count: HashAlgorithm.sha256.byteCount)
        let count = serverKey.bytes.count + fromPassword.count
        let joined = SecretBytes(count: count) { joined in
            serverKey.bytes.withUnsafeBytes { joined.copyMemory(from: $0) }
            let rest = UnsafeMutableRawBufferPointer(rebasing: joined[serverKey.bytes.count...])
            fromPassword.withUnsafeBytes { rest.copyMemory(from: $0) }
        }
        return HKDF.derive(
            hash: .sha256, key: joined, salt: [], info: Array("authd totp secret v1".utf8),
            count: AESGCM.keyByteCount)
    }

    /// The user id is last: only it has no fixed form.
    private func additionalData(_ sealed: SealedTOTPSecret, _ owner: Owner) -> [UInt8] {
        Array("authd totp secret \(sealed.header)$\(owner.userID)".utf8)
    }
}
