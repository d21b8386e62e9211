package import Storage
import Synchronization

/// A clock that stands still until a test moves it.
package final class TestClock: Sendable {
    private let moment = Mutex(Timestamp(seconds: 1_795_000_000))

    package init() {}

    /// The present moment.
    package var now: Timestamp { moment.withLock { $0 } }

    /// Moves on by `duration`.
    package func advance(by duration: Duration) {
        moment.withLock { $0 = $0.advanced(by: duration) }
    }
}
