import Bytes
import Cryptography

/// The unused recovery codes of one account, as they are stored: a hash per code.
///
/// A hash is SHA-256 over its purpose, the user id and the code. A slow hash would add nothing:
/// it makes up for passwords that people choose, and these are 75 random bits, more than anybody
/// can try. The user id makes a hash useless in another account.
package struct RecoveryCodes: Sendable, Equatable {
    /// How many codes an account gets.
    package static let countMax = 10
    /// With this many left, or fewer, the user is asked to create new ones.
    package static let countLow = 3

    private let hashes: [[UInt8]]

    /// No codes.
    package init() {
        hashes = []
    }

    private init(hashes: [[UInt8]]) {
        self.hashes = hashes
    }

    /// New codes for an account, to be shown once, and their stored form.
    package static func random(
        userID: String
    ) -> (codes: [RecoveryCode], stored: RecoveryCodes) {
        let codes = (0..<countMax).map { _ in RecoveryCode.random() }
        let stored = RecoveryCodes(hashes: codes.map { hash($0, userID: userID) })
        return (codes, stored)
    }

    /// Reads the stored form: nil for anything but up to `countMax` whole hashes.
    package init?(stored: [UInt8]) {
        guard stored.count.isMultiple(of: SHA256.byteCount),
            stored.count <= RecoveryCodes.countMax * SHA256.byteCount
        else { return nil }
        hashes = stride(from: 0, to: stored.count, by: SHA256.byteCount).map {
            Array(stored[$0..<$0 + SHA256.byteCount])
        }
    }

    /// The stored form: the concatenated hashes, 32 bytes each.
    package var stored: [UInt8] { Array(hashes.joined()) }

    /// How many codes are left.
    package var count: Int { hashes.count }

    /// What is left after `code` is used, or nil if it is not one of these.
    ///
    /// - Parameters:
    ///   - code: what the user sent.
    ///   - userID: the account's id.
    /// - Returns: one code fewer. It is compared with all, so the time does not reveal which it
    ///   was.
    package func consuming(_ code: RecoveryCode, userID: String) -> RecoveryCodes? {
        let hash = RecoveryCodes.hash(code, userID: userID)
        var used: Int?
        for (index, candidate) in hashes.enumerated() where constantTimeEqual(candidate, hash) {
            used = index
        }
        guard let used else { return nil }
        var remaining = hashes
        remaining.remove(at: used)
        return RecoveryCodes(hashes: remaining)
    }

    /// The code has a fixed length and comes last, so the joined text is unambiguous.
    private static func hash(_ code: RecoveryCode, userID: String) -> [UInt8] {
        let prefix = Array("authd recovery code v1$\(userID)$".utf8)
        let input = SecretBytes(count: prefix.count + code.characters.count) { input in
            input.copyBytes(from: prefix)
            let rest = UnsafeMutableRawBufferPointer(rebasing: input[prefix.count...])
            code.characters.withUnsafeBytes { rest.copyMemory(from: $0) }
        }
        return input.withUnsafeBytes { SHA256.digest($0) }
    }
}
