import Bytes
import Cryptography
package import Storage

/// Time-based one-time passwords (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds.
///
/// These are the only parameters that every authenticator follows, whatever the key URI says.
package enum TOTP {
    /// The length of a time step in seconds (RFC 6238 §4.1).
    package static let stepSeconds: Int64 = 30
    /// Steps before and after the current one whose codes are also accepted: for clocks that differ
    /// by half a minute and for slow typing (RFC 6238 §5.2).
    package static let window: Int64 = 1

    /// The time step of a moment: whole steps since 1970 in UTC, rounded down.
    package static func step(at moment: Timestamp) -> Int64 {
        let (quotient, remainder) = moment.seconds.quotientAndRemainder(dividingBy: stepSeconds)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The code of a step (RFC 4226 §5.3 with the step as the counter, 8 bytes big-endian).
    package static func code(secret: TOTPSecret, step: Int64) -> TOTPCode {
        code(HMACKey(.sha1, key: secret.bytes), step: step)
    }

    /// The step that `code` is accepted for, or nil when it is not.
    ///
    /// A code is valid for the current step and `window` steps around it, and only for a step later
    /// than the last accepted one (RFC 6238 §5.2): no code works twice, and none that was made
    /// before one that worked. All candidates are computed and compared, so the time does not
    /// reveal which of them matches. If one code belongs to two of the steps, the later one counts,
    /// or it would work once more.
    ///
    /// - Parameters:
    ///   - code: what the user sent.
    ///   - secret: the account's.
    ///   - now: the present moment in UTC.
    ///   - lastStep: the last step that was accepted for this secret.
    /// - Returns: the step to store as the last accepted one.
    package static func acceptedStep(
        of code: TOTPCode, secret: TOTPSecret, at now: Timestamp, after lastStep: Int64?
    ) -> Int64? {
        let key = HMACKey(.sha1, key: secret.bytes)
        let present = step(at: now)
        var accepted: Int64?
        for step in present - window...present + window {
            let matches = TOTP.code(key, step: step) == code
            if matches && step > lastStep ?? Int64.min { accepted = step }
        }
        return accepted
    }

    private static func code(_ key: HMACKey, step: Int64) -> TOTPCode {
        let byteCount = key.algorithm.byteCount
        return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) { digest in
            withUnsafeBytes(of: step.bigEndian) { key.authenticate($0, into: digest) }
            defer { wipe(digest) }
            // Dynamic truncation (RFC 4226 §5.3): 31 bits from where the last four bits point.
            let offset = Int(digest[byteCount - 1] & 15)
            let number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return TOTPCode(number: (number & 0x7FFF_FFFF) % 1_000_000)
        }
    }
}
