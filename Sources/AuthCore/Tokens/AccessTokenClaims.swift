package import Storage

/// What an access token says (RFC 9068 §2.2), to the second.
package struct AccessTokenClaims: Sendable, Equatable {
    /// `iss`
    package var issuer: String
    /// `aud`
    package var audience: String
    /// `sub`: the account, by its opaque id.
    package var userID: String
    /// `sid`
    package var sessionID: String
    /// `jti`
    package var tokenID: String
    /// `iat`
    package var issuedAt: Timestamp
    /// `exp`
    package var expiresAt: Timestamp
    /// `auth_time`
    package var authenticatedAt: Timestamp
    /// `amr` (RFC 8176)
    package var authenticationMethods: [String]
    /// `email`: the stored form. It leads to the account's partition.
    package var email: String
}

extension AccessTokenClaims {
    /// The JSON that is signed.
    var json: [UInt8] {
        var json = TokenJSONWriter()
        json.member("iss", issuer)
        json.member("aud", audience)
        json.member("sub", userID)
        json.member("sid", sessionID)
        json.member("jti", tokenID)
        json.member("iat", issuedAt.seconds)
        json.member("exp", expiresAt.seconds)
        json.member("auth_time", authenticatedAt.seconds)
        json.member("amr", authenticationMethods)
        json.member("email", email)
        return json.finished()
    }

    /// Reads the claims of a verified token; nil when one is missing or has the wrong type. Claims
    /// that are not ours are ignored.
    init?(json: UnsafeRawBufferPointer) {
        guard let members = try? TokenJSONReader.members(of: json) else { return nil }
        var issuer, audience, userID, sessionID, tokenID, email: String?
        var issuedAt, expiresAt, authenticatedAt, notBefore: Int64?
        var methods: [String]?
        for (name, value) in members {
            switch (name, value) {
            case ("iss", .string(let text)): issuer = text
            case ("aud", .string(let text)): audience = text
            case ("sub", .string(let text)): userID = text
            case ("sid", .string(let text)): sessionID = text
            case ("jti", .string(let text)): tokenID = text
            case ("email", .string(let text)): email = text
            case ("iat", .integer(let seconds)): issuedAt = seconds
            case ("exp", .integer(let seconds)): expiresAt = seconds
            case ("auth_time", .integer(let seconds)): authenticatedAt = seconds
            case ("nbf", .integer(let seconds)): notBefore = seconds
            case ("amr", .strings(let list)): methods = list
            default: break
            }
        }
        guard let issuer, let audience, let userID, let sessionID, let tokenID, let email,
            let issuedAt, let expiresAt, let authenticatedAt, let methods,
            Self.secondsRange.contains(issuedAt), Self.secondsRange.contains(expiresAt),
            Self.secondsRange.contains(authenticatedAt)
        else { return nil }
        self.init(
            issuer: issuer, audience: audience, userID: userID, sessionID: sessionID,
            tokenID: tokenID, issuedAt: Timestamp(seconds: issuedAt),
            expiresAt: Timestamp(seconds: expiresAt),
            authenticatedAt: Timestamp(seconds: authenticatedAt), authenticationMethods: methods,
            email: email)
        // Ours have none. A token that becomes valid later than it was issued is refused.
        if let notBefore, notBefore > issuedAt { return nil }
    }

    /// From 1970 to the year 9999: what the stores and the protocol can represent.
    static let secondsRange: ClosedRange<Int64> = 0...253_402_300_799
}
