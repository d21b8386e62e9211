import Synchronization

/// The claims of tokens that were verified lately, so that a token that comes again and again is
/// decoded once.
///
/// Nothing is believed because it is here: the signature of each token is computed before it is looked
/// for, and times and session are checked after. It is found by half of its signature, which under
/// HMAC no other text has; the other half is not kept, so that nobody who reads this memory can put a
/// token together. Other algorithms sign the same text in many ways, and cost so much to verify that
/// decoding does not count: their tokens are not kept.
///
/// A cache of sets, as a processor has: a signature says which set, and a full set forgets one token
/// for each that comes, so nothing is ever moved, and what is kept takes the same memory from the
/// first time that the table is full.
final class VerifiedTokens: Sendable {
    /// Sets of eight tokens each. With claims and answer a token is about 1 KiB, so 8 MiB at the most.
    /// Forgetting one costs some microseconds.
    private static let setCount = 1024

    /// Tokens that are kept at the most.
    static let countMax = setCount * TokenSet.countMax

    private let sets = Mutex(Array(repeating: TokenSet(), count: setCount))

    /// The token of a signature that was checked just now, or nil when it is not known.
    func token(of checked: JSONWebSignature.Checked) -> VerifiedToken? {
        guard let tag = checked.tag else { return nil }
        return sets.withLock { $0[VerifiedTokens.set(of: tag)].token(of: tag) }
    }

    /// Keeps a token whose signature was checked just now.
    func remember(_ token: VerifiedToken, of checked: JSONWebSignature.Checked) {
        guard let tag = checked.tag else { return }
        sets.withLock { $0[VerifiedTokens.set(of: tag)].insert(token, tag) }
    }

    /// An HMAC's bits are as good as random, and nobody without the key can choose them: they need no
    /// hashing.
    private static func set(of tag: JSONWebSignature.Tag) -> Int {
        Int(tag.low % UInt64(setCount))
    }
}

extension VerifiedTokens {
    /// Tokens whose tags end alike. Of a full set that one goes which was not asked for since the hand
    /// last passed it ("clock", second chance).
    private struct TokenSet {
        private typealias Slots = InlineArray<8, (tag: JSONWebSignature.Tag, token: VerifiedToken)?>

        static let countMax = Slots.count

        private var slots = Slots(repeating: nil)
        /// A bit for each that was asked for.
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
