import Synchronization

/// The claims of tokens that were verified lately, so that a token that comes again and again is
/// decoded once.
///
/// Nothing is believed because it is here: the signature of each token is computed before it is looked
/// for, and times and session are checked after. It is found by half of its signature, which under
/// HMAC no other text has; the other half is not kept, so that nobody who reads this memory can put a
/// token together. Other algorithms sign the same text in many ways, and cost so much to verify that
/// decoding does not count: their tokens are not kept.
final class VerifiedTokens: Sendable {
    /// Tokens a half: with claims and answer about 1 KiB each, so 8 MiB at the most. Forgetting one
    /// costs some microseconds.
    private static let countMax = 4096

    private struct Halves {
        var young: [JSONWebSignature.Tag: VerifiedToken] = [:]
        var old: [JSONWebSignature.Tag: VerifiedToken] = [:]
    }

    private let halves = Mutex(Halves())

    /// The token of a signature that was checked just now, or nil when it is not known.
    func token(of checked: JSONWebSignature.Checked) -> VerifiedToken? {
        guard let tag = checked.tag else { return nil }
        return halves.withLock { halves in
            if let token = halves.young[tag] { return token }
            guard let token = halves.old[tag] else { return nil }
            // Used again, so it stays for another round.
            VerifiedTokens.insert(token, tag, &halves)
            return token
        }
    }

    /// Keeps a token whose signature was checked just now.
    func remember(_ token: VerifiedToken, of checked: JSONWebSignature.Checked) {
        guard let tag = checked.tag else { return }
        halves.withLock { VerifiedTokens.insert(token, tag, &$0) }
    }

    private static func insert(
        _ token: VerifiedToken, _ tag: JSONWebSignature.Tag, _ halves: inout Halves
    ) {
        if halves.young.count >= countMax {
            halves.old = halves.young
            halves.young = [:]
        }
        halves.young[tag] = token
    }
}
