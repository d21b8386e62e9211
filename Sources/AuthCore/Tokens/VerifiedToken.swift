package import Bytes
import Synchronization

/// An access token that was verified, with what its claims were last made into.
package final class VerifiedToken: Sendable {
    /// What the token says.
    package let claims: AccessTokenClaims
    /// What the cache of sessions last said of its session.
    let session = Mutex<SessionCache.Finding?>(nil)
    private let answer = Mutex<SecretBytes?>(nil)

    init(claims: AccessTokenClaims) {
        self.claims = claims
    }

    /// The answer to whoever asks about the token: made once, then kept with the claims.
    ///
    /// - Parameter make: the wire form of an answer that depends on nothing but the claims.
    /// - Returns: what `make` returned the first time.
    /// - Throws: what `make` throws.
    package func answer(
        _ make: (AccessTokenClaims) throws -> SecretBytes
    ) rethrows -> SecretBytes {
        if let answer = answer.withLock({ $0 }) { return answer }
        let made = try make(claims)
        answer.withLock { $0 = made }
        return made
    }
}
