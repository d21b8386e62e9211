import Bytes
import Cryptography
import Storage
import Testing

@testable import AuthCore

/// Tokens whose claims are kept: nothing that is asked of a token is asked less of a known one.
@Suite struct VerifiedTokensTests {
    private let now = Timestamp(seconds: 1_800_000_000)

    private func key(_ name: String) throws -> SignatureKey {
        try SignatureKey(
            secret: SecretBytes(utf8: name + " of the tests, 32 bytes or more"), algorithm: .hs256)
    }

    private func token(
        _ key: SignatureKey, issuedAt: Int64, expiresAt: Int64, audience: String = "authd"
    ) throws -> SecretBytes {
        let claims = AccessTokenClaims(
            issuer: "authd", audience: audience, userID: "user", sessionID: "session",
            tokenID: "token", issuedAt: Timestamp(seconds: issuedAt),
            expiresAt: Timestamp(seconds: expiresAt),
            authenticatedAt: Timestamp(seconds: issuedAt), authenticationMethods: ["pwd"],
            email: "ada@example.com")
        return try JSONWebSignature.sign(claims.json, with: TokenKey(key, type: "at+jwt"))
    }

    private func verified(
        _ tokens: AccessTokens, _ token: SecretBytes, at now: Timestamp
    ) throws(AuthError) -> VerifiedToken {
        try token.withUnsafeBytes { bytes throws(AuthError) in
            try tokens.verified(bytes, now: now)
        }
    }

    @Test func `A repeated token is decoded once, and its response is encoded once`() throws {
        let key = try key("a secret")
        let tokens = AccessTokens(keys: [key], issuer: "authd", audience: "authd")
        let token = try token(key, issuedAt: now.seconds, expiresAt: now.seconds + 60)
        let first = try verified(tokens, token, at: now)
        let again = try verified(tokens, token, at: now.advanced(by: .seconds(59)))
        #expect(first === again)
        var made = 0
        for _ in 0..<3 {
            let answer = again.answer { claims in
                made += 1
                return SecretBytes(utf8: claims.email)
            }
            #expect(answer == SecretBytes(utf8: "ada@example.com"))
        }
        #expect(made == 1)
    }

    @Test func `A cached token is refused after its expiry and before its issue time`() throws {
        let key = try key("a secret")
        let tokens = AccessTokens(keys: [key], issuer: "authd", audience: "authd")
        let token = try token(key, issuedAt: now.seconds, expiresAt: now.seconds + 60)
        _ = try verified(tokens, token, at: now)
        #expect(throws: AuthError.self) {
            try verified(tokens, token, at: now.advanced(by: .seconds(60)))
        }
        // A clock that was set back further than clocks may differ.
        #expect(throws: AuthError.self) {
            try verified(tokens, token, at: now.advanced(by: .seconds(-61)))
        }
        _ = try verified(tokens, token, at: now)
    }

    @Test func `A cached token is refused after its key is replaced`() throws {
        let old = try key("a secret")
        let tokens = AccessTokens(keys: [old], issuer: "authd", audience: "authd")
        let token = try token(old, issuedAt: now.seconds, expiresAt: now.seconds + 60)
        _ = try verified(tokens, token, at: now)
        tokens.replaceKeys([try key("another secret")])
        #expect(throws: AuthError.self) { try verified(tokens, token, at: now) }
    }

    /// The signature is what a token is found by: every other byte must count all the same.
    @Test func `A cached token with any byte changed is refused`() throws {
        let key = try key("a secret")
        let tokens = AccessTokens(keys: [key], issuer: "authd", audience: "authd")
        let token = try token(key, issuedAt: now.seconds, expiresAt: now.seconds + 60)
        _ = try verified(tokens, token, at: now)
        let bytes = token.withUnsafeBytes { Array($0) }
        for index in bytes.indices {
            var changed = bytes
            changed[index] =
                bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: AuthError.self, "byte \(index)") {
                try verified(tokens, SecretBytes(changed), at: now)
            }
        }
    }

    /// The key of RFC 7515 appendix A.3.1.
    @Test func `A key that is given twice is once in the JWK Set`() throws {
        let pem = try PublicKeyPEM.ellipticCurve(
            "P-256", x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        let (one, two) = (try SignatureKey(pem: pem), try SignatureKey(pem: pem))
        let tokens = AccessTokens(
            keys: [try key("a secret"), one, two], issuer: "authd", audience: "authd")
        #expect(tokens.jwks.split(separator: "\"kid\"").count == 2)
    }

    @Test func `A token for another audience is refused every time`() throws {
        let key = try key("a secret")
        let tokens = AccessTokens(keys: [key], issuer: "authd", audience: "authd")
        let foreign = try token(
            key, issuedAt: now.seconds, expiresAt: now.seconds + 60, audience: "others")
        for _ in 0..<2 {
            #expect(throws: AuthError.self) { try verified(tokens, foreign, at: now) }
        }
    }

    @Test func `All tokens verify when there are more than the cache can hold`() throws {
        let key = try key("a secret")
        let tokens = AccessTokens(keys: [key], issuer: "authd", audience: "authd")
        let first = try token(key, issuedAt: now.seconds, expiresAt: now.seconds + 60)
        _ = try verified(tokens, first, at: now)
        for number in 1...9000 {
            let other = try token(
                key, issuedAt: now.seconds, expiresAt: now.seconds + 60 + Int64(number))
            #expect(try verified(tokens, other, at: now).claims.expiresAt.seconds > now.seconds)
        }
        #expect(try verified(tokens, first, at: now).claims.email == "ada@example.com")
    }

    private struct Weak {
        weak var token: VerifiedToken?
    }

    @Test func `The cache fills nearly to capacity and keeps the token in use`() throws {
        let key = try key("a secret")
        let tokens = AccessTokens(keys: [key], issuer: "authd", audience: "authd")
        let used = try token(key, issuedAt: now.seconds, expiresAt: now.seconds + 60)
        // The table alone holds it.
        let usedBefore = Weak(token: try verified(tokens, used, at: now))
        let countMax = VerifiedTokens.countMax
        let others = try (1...2 * countMax).map { number in
            let other = try token(
                key, issuedAt: now.seconds, expiresAt: now.seconds + 60 + Int64(number))
            let kept = Weak(token: try verified(tokens, other, at: now))
            #expect(try verified(tokens, used, at: now) === usedBefore.token)
            return kept
        }
        let keptCount = others.count { $0.token != nil }
        // 16,384 signatures leave hardly one of 1,024 sets with room.
        #expect((countMax - 100..<countMax).contains(keptCount))
        #expect(others.last?.token != nil)
    }
}
