package import Bytes
import Synchronization

/// An access token that was verified, with what was last derived from its claims.
package final class VerifiedToken: Sendable {
    /// What the token says.
    package let claims: AccessTokenClaims
    /// What the session cache last said about its session.
    let session = Mutex<SessionCache.Finding?>(nil)
    private let answer = Mutex<SecretBytes?>(nil)

    init(claims: AccessTokenClaims) {
        self.claims = claims
    }

    /// The answer about the token: built once, then cached with the claims.
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
