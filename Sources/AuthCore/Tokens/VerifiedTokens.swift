import Cryptography
import Synchronization

/// The claims of tokens that were verified lately, so that a token that comes again and again is
/// decoded once.
///
/// Nothing is believed because it is here: the signature of each token is computed before it is looked
/// for, and times and session are checked after. It is found by its signature, which under HMAC no
/// other text has; other algorithms sign the same text in many ways, and cost so much to verify that
/// decoding does not count, so their tokens are not kept.
final class VerifiedTokens: Sendable {
    /// Tokens a half: with claims and answer about 1 KiB each, so 8 MiB at the most. Forgetting one
    /// costs some microseconds.
    private static let countMax = 4096

    private struct Halves {
        var young: [[UInt8]: VerifiedToken] = [:]
        var old: [[UInt8]: VerifiedToken] = [:]
    }

    private let halves = Mutex(Halves())

    /// The token of a signature that was checked just now, or nil when it is not known.
    func token(of checked: JSONWebSignature.Checked) -> VerifiedToken? {
        guard checked.key.key.algorithm.isSymmetric else { return nil }
        return halves.withLock { halves in
            if let token = halves.young[checked.signature] { return token }
            guard let token = halves.old[checked.signature] else { return nil }
            // Used again, so it stays for another round.
            VerifiedTokens.insert(token, checked.signature, &halves)
            return token
        }
    }

    /// Keeps a token whose signature was checked just now.
    func remember(_ token: VerifiedToken, of checked: JSONWebSignature.Checked) {
        guard checked.key.key.algorithm.isSymmetric else { return }
        halves.withLock { VerifiedTokens.insert(token, checked.signature, &$0) }
    }

    private static func insert(
        _ token: VerifiedToken, _ signature: [UInt8], _ halves: inout Halves
    ) {
        if halves.young.count >= countMax {
            halves.old = halves.young
            halves.young = [:]
        }
        halves.young[signature] = token
    }
}
