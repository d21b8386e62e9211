package import Storage

/// How long tokens and sessions live.
package struct SessionPolicy: Sendable {
    /// Lifetime of an access token.
    package var accessTokenLifetime: Duration = .seconds(15 * 60)
    /// Lifetime of a refresh token: a session that is not refreshed for this long is over.
    package var idleLimit: Duration = .seconds(10_080 * 60)
    /// A session ends this long after its login, no matter how often it is refreshed.
    package var absoluteLimit: Duration = .seconds(30 * 86_400)
    /// How long the previous refresh token is still accepted after a refresh, for callers that
    /// refresh at once or lost the answer. Long enough for a retry, too short for a thief to count
    /// on.
    package var reuseGrace: Duration = .seconds(10)
    /// Sessions a user may have, so that account and sessions fit one transaction of 100.
    package var sessionsPerUserMax = 90

    package init() {}

    /// When a session ends unless it is refreshed before.
    package func expiry(of session: Session) -> Timestamp {
        min(
            session.rotatedAt.advanced(by: idleLimit),
            session.createdAt.advanced(by: absoluteLimit), EntityLimits.timestamps.upperBound)
    }

    /// Whether a session has not expired at `now`.
    package func isLive(_ session: Session, at now: Timestamp) -> Bool {
        now < expiry(of: session)
    }
}
