package import Bytes
package import Cryptography
import Storage

/// Makes and checks refresh tokens: JWTs of type `rt+jwt`, HS256 under their own key.
///
/// The key is derived from the server secret, so a refresh token is never valid as an access token
/// nor the other way round, whatever JWT_ALGORITHM says. The token of one generation of a session
/// is always the same bytes: callers that refresh concurrently all get the same successor.
package struct RefreshTokens: Sendable {
    private let key: TokenKey

    /// What a refresh token says.
    struct Claims: Equatable {
        /// `sub`
        var userID: String
        /// `sid`
        var sessionID: String
        /// `gen`
        var generation: Int64
        /// `exp`
        var expiresAt: Timestamp
        /// `prt`: the account's partition, so that every lookup is a point read.
        var partition: AccountPartition
    }

    /// - Parameter secret: the server secret, at least 32 bytes.
    /// - Throws: `CryptographyError` when the secret is too short.
    package init(secret: SecretBytes) throws(CryptographyError) {
        let derived = HKDF.derive(
            hash: .sha256, key: secret, salt: [], info: Array("authd refresh token v1".utf8),
            count: 32)
        key = TokenKey(try SignatureKey(secret: derived, algorithm: .hs256), type: "rt+jwt")
    }

    /// The token of the session's current generation.
    ///
    /// - Throws: `.internalFault` when OpenSSL can't sign.
    func issue(
        for session: Session, in partition: AccountPartition, expiresAt: Timestamp
    ) throws(AuthError) -> SecretBytes {
        var json = TokenJSONWriter()
        json.member("sub", session.userID)
        json.member("sid", session.sessionID)
        json.member("gen", session.generation)
        json.member("exp", expiresAt.seconds)
        json.member("prt", partition.reference)
        do {
            return try JSONWebSignature.sign(json.finished(), with: key)
        } catch {
            throw .internalFault("signing a refresh token failed: \(error)")
        }
    }

    /// Checks signature, type and form; not the time, which depends on the session.
    ///
    /// - Throws: `.tokenInvalid`.
    func verify(_ token: SecretBytes) throws(AuthError) -> Claims {
        var verified: JSONWebSignature.Verified
        do {
            verified = try token.withUnsafeBytes { bytes throws(JSONWebSignature.Refusal) in
                try JSONWebSignature.verify(bytes, with: [key])
            }
        } catch {
            throw .tokenInvalid
        }
        defer { wipe(&verified.payload) }
        guard let claims = verified.payload.withUnsafeBytes({ Claims(json: $0) }) else {
            throw .tokenInvalid
        }
        return claims
    }
}

extension RefreshTokens.Claims {
    fileprivate init?(json: UnsafeRawBufferPointer) {
        guard let members = try? TokenJSONReader.members(of: json) else { return nil }
        var userID, sessionID, reference: String?
        var generation, expiresAt: Int64?
        for (name, value) in members {
            switch (name, value) {
            case ("sub", .string(let text)): userID = text
            case ("sid", .string(let text)): sessionID = text
            case ("prt", .string(let text)): reference = text
            case ("gen", .integer(let number)): generation = number
            case ("exp", .integer(let seconds)): expiresAt = seconds
            default: break
            }
        }
        guard let userID, let sessionID, RandomIdentifier.isValid(sessionID), let generation,
            generation > 0, let expiresAt, AccessTokenClaims.secondsRange.contains(expiresAt),
            let reference, let partition = AccountPartition(reference: reference)
        else { return nil }
        self.init(
            userID: userID, sessionID: sessionID, generation: generation,
            expiresAt: Timestamp(seconds: expiresAt), partition: partition)
    }
}
