import AuthCore
import Synchronization

/// Carries tokens out of a hook.
final class SharedTokens: Sendable {
    private let tokens = Mutex<IssuedTokens?>(nil)

    var kept: IssuedTokens? { tokens.withLock { $0 } }

    func keep(_ new: IssuedTokens?) {
        tokens.withLock { $0 = new }
    }
}
