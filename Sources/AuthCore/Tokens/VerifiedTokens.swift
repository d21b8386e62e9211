import Synchronization

/// The claims of recently verified tokens, so that a token that is used repeatedly is
/// decoded once.
///
/// Nothing is trusted for being here: the signature of each token is computed before it is looked
/// up, and times and session are checked afterwards. It is found by half of its signature, which
/// under HMAC no other text has; the other half is not stored, so that nobody who reads this memory
/// can reassemble a token. Other algorithms have many signatures for one text, and cost so much to
/// verify that decoding does not matter: their tokens are not cached.
///
/// A set-associative cache, as in a processor: the signature selects the set, and a full set drops
/// one token for each new one, so nothing is ever moved, and the memory stays the same from the
/// moment the table is first full.
final class VerifiedTokens: Sendable {
    /// Sets of eight tokens each. With claims and answer a token is about 1 KiB, so 8 MiB at most.
    /// Dropping one costs a few microseconds.
    private static let setCount = 1024

    /// The most tokens that are cached.
    static let countMax = setCount * TokenSet.countMax

    private let sets = Mutex(Array(repeating: TokenSet(), count: setCount))

    /// The token with a signature that was just checked, or nil when it is not known.
    func token(of checked: JSONWebSignature.Checked) -> VerifiedToken? {
        guard let tag = checked.tag else { return nil }
        return sets.withLock { $0[VerifiedTokens.set(of: tag)].token(of: tag) }
    }

    /// Caches a token whose signature was just checked.
    func remember(_ token: VerifiedToken, of checked: JSONWebSignature.Checked) {
        guard let tag = checked.tag else { return }
        sets.withLock { $0[VerifiedTokens.set(of: tag)].insert(token, tag) }
    }

    /// An HMAC's bits are as good as random, and nobody without the key can choose them: they need
    /// no hashing.
    private static func set(of tag: JSONWebSignature.Tag) -> Int {
        Int(tag.low % UInt64(setCount))
    }
}

extension VerifiedTokens {
    /// Tokens whose tags have the same ending. A full set drops one that was not used since the
    /// hand last passed it ("clock", second chance).
    private struct TokenSet {
        private typealias Slots = InlineArray<8, (tag: JSONWebSignature.Tag, token: VerifiedToken)?>

        static let countMax = Slots.count

        private var slots = Slots(repeating: nil)
        /// A bit for each that was used.
        private var used: UInt8 = 0
        private var hand = 0

        mutating func token(of tag: JSONWebSignature.Tag) -> VerifiedToken? {
            for index in slots.indices {
                guard let slot = slots[index], slot.tag == tag else { continue }
                used |= 1 << index
                return slot.token
            }
            return nil
        }

        mutating func insert(_ token: VerifiedToken, _ tag: JSONWebSignature.Tag) {
            while used & 1 << hand != 0 {
                used &= ~(1 << hand)
                moveHand()
            }
            slots[hand] = (tag, token)
            moveHand()
        }

        private mutating func moveHand() {
            hand = (hand + 1) % TokenSet.countMax
        }
    }
}
