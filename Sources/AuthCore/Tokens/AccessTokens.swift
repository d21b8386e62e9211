import Bytes
package import Cryptography
package import Storage
import Synchronization

/// Makes and checks access tokens: JWTs of type `at+jwt` (RFC 9068).
package final class AccessTokens: Sendable {
    /// Tolerated between our clock and the clock of the daemon that signed, or that stored a session.
    static let clockSkewMicrosecondsMax: Int64 = 60_000_000

    /// What changes when keys are reloaded.
    private struct Keys {
        let tokenKeys: [TokenKey]
        let jwks: String

        init(_ keys: [SignatureKey]) {
            precondition(keys.first?.canSign == true, "the first key signs")
            tokenKeys = keys.map { TokenKey($0, type: "at+jwt") }
            jwks = AccessTokens.jwks(keys)
        }
    }

    private let keys: Mutex<Keys>
    private let issuer: String
    private let audience: String
    private let verifiedTokens = VerifiedTokens()

    /// - Parameters:
    ///   - keys: the first signs; all of them verify. At least one.
    ///   - issuer: the `iss` that is written and required.
    ///   - audience: the `aud` that is written and required.
    package init(keys: [SignatureKey], issuer: String, audience: String) {
        self.keys = Mutex(Keys(keys))
        self.issuer = issuer
        self.audience = audience
    }

    /// The public keys as a JWK Set (RFC 7517 §5); empty for a shared secret.
    package var jwks: String { keys.withLock { $0.jwks } }

    /// Uses other keys from now on: the first signs, all of them verify.
    package func replaceKeys(_ keys: [SignatureKey]) {
        let keys = Keys(keys)
        self.keys.withLock { $0 = keys }
    }

    private var tokenKeys: [TokenKey] { keys.withLock { $0.tokenKeys } }

    /// A signed token for `session`, of the account with the stored address `email`.
    ///
    /// - Throws: `.internalFault` when OpenSSL can't sign.
    func issue(
        for session: Session, email: String, now: Timestamp, expiresAt: Timestamp
    ) throws(AuthError) -> SecretBytes {
        let claims = AccessTokenClaims(
            issuer: issuer, audience: audience, userID: session.userID,
            sessionID: session.sessionID, tokenID: RandomIdentifier.make(), issuedAt: now,
            expiresAt: expiresAt, authenticatedAt: session.authenticatedAt,
            authenticationMethods: session.authenticationMethods, email: email)
        do {
            return try JSONWebSignature.sign(claims.json, with: tokenKeys[0])
        } catch {
            throw .internalFault("signing an access token failed: \(error)")
        }
    }

    /// Checks signature, type, issuer, audience and times. Whether the session is still alive is
    /// another question.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`.
    package func verify(
        _ token: UnsafeRawBufferPointer, now: Timestamp
    ) throws(AuthError) -> AccessTokenClaims {
        try verified(token, now: now).claims
    }

    /// The same, with a place for what is derived from the claims. The signature is computed each
    /// time; the claims of a token that was seen lately are not decoded again.
    ///
    /// - Throws: `.tokenInvalid`, `.tokenExpired`.
    func verified(
        _ token: UnsafeRawBufferPointer, now: Timestamp
    ) throws(AuthError) -> VerifiedToken {
        let verified: VerifiedToken
        do {
            let checked = try JSONWebSignature.check(token, with: tokenKeys)
            if let known = verifiedTokens.token(of: checked) {
                verified = known
            } else {
                verified = try decoded(checked)
                verifiedTokens.remember(verified, of: checked)
            }
        } catch {
            throw .tokenInvalid
        }
        let lead = verified.claims.issuedAt.microseconds - now.microseconds
        guard lead <= AccessTokens.clockSkewMicrosecondsMax else { throw .tokenInvalid }
        guard now < verified.claims.expiresAt else { throw .tokenExpired }
        return verified
    }

    private func decoded(
        _ checked: JSONWebSignature.Checked
    ) throws(JSONWebSignature.Refusal) -> VerifiedToken {
        var payload = try JSONWebSignature.payload(of: checked)
        defer { wipe(&payload) }
        guard let claims = payload.withUnsafeBytes({ AccessTokenClaims(json: $0) }),
            claims.issuer == issuer, claims.audience == audience
        else { throw .malformed }
        return VerifiedToken(claims: claims)
    }

    private static func jwks(_ keys: [SignatureKey]) -> String {
        // Both halves of a pair may be there during a rotation; RFC 7517 §4.5: distinct `kid`s.
        var thumbprints: Set<String> = []
        let entries = keys.compactMap { key -> String? in
            guard let jwk = key.jsonWebKey, thumbprints.insert(jwk.thumbprint).inserted else {
                return nil
            }
            var json = TokenJSONWriter()
            for member in jwk.members { json.member(member.name, member.value) }
            return String(decoding: json.finished(), as: UTF8.self)
        }
        return #"{"keys":["# + entries.joined(separator: ",") + "]}"
    }
}
