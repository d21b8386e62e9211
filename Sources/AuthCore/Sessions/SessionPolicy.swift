package import Storage

/// How long tokens and sessions live.
package struct SessionPolicy: Sendable {
    /// Life of an access token.
    package var accessTokenLifetime: Duration = .seconds(15 * 60)
    /// Life of a refresh token: a session that is not refreshed for so long is over.
    package var idleLimit: Duration = .seconds(10_080 * 60)
    /// A session ends so long after its login, however often it is refreshed.
    package var absoluteLimit: Duration = .seconds(30 * 86_400)
    /// How long the previous refresh token is still taken after a refresh, for callers that
    /// refresh at once or lost the answer. Long enough for a retry, too short for a thief to count on.
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

    /// Whether a session lives on at `now`, by time.
    package func isLive(_ session: Session, at now: Timestamp) -> Bool {
        now < expiry(of: session)
    }
}
