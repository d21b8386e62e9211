import Bytes
import Cryptography

/// Codes under a secret of this process that stand for emails, addresses and passwords in memory.
///
/// Nobody outside can tell where in a table a name is, and the contents of a table name nobody.
struct LockoutCodes: Sendable {
    private enum Subject: UInt8 {
        case account = 1
        case pair
        case network
        case caller
        case password
    }

    private let key: HMACKey

    /// - Parameter secret: new in each process.
    init(secret: SecretBytes = SecureRandom.secret(32)) {
        key = HMACKey(.sha256, key: secret)
    }

    /// Whom an attempt is about and where it comes from.
    ///
    /// - Parameters:
    ///   - partition: of the email.
    ///   - account: as it was read; nil when there is none, or nobody has moved it yet.
    ///   - network: of the client, if it is known.
    ///   - caller: who calls the daemon.
    /// - Returns: the codes.
    func subject(
        _ partition: AccountPartition, _ account: Account?, network: ClientNetwork?, caller: String
    ) -> LockoutSubject {
        let name = Array(partition.name.utf8)
        let owner = LockoutCodes.owner(account)
        let source = network?.bytes ?? []
        return LockoutSubject(
            account: self.account(partition, account),
            pair: network.map { code(.pair, name, owner, $0.bytes) },
            network: network.map { code(.network, $0.bytes) },
            caller: code(.caller, name, source, Array(caller.utf8)))
    }

    /// An email with the account that it has now, until that is unlocked.
    ///
    /// An account from the old table has the code that the email had before: so a move changes
    /// nothing about what is counted, neither for its user nor for whoever watches.
    func account(_ partition: AccountPartition, _ account: Account?) -> UInt64 {
        code(.account, Array(partition.name.utf8), LockoutCodes.owner(account))
    }

    private static func owner(_ account: Account?) -> [UInt8] {
        let unlocks = account?.failures.unlocks ?? 0
        let isAsUnmoved = account?.movedFrom != nil && unlocks == 0
        return Array("\(isAsUnmoved ? "" : account?.userID ?? "") \(unlocks)".utf8)
    }

    /// A wrong password, for as long as the account is what it is now: another hash, or an account
    /// that was enabled, makes another code of the same password.
    func fingerprint(_ password: SecretBytes, of account: Account?) -> PasswordFingerprint {
        let state = Array((account.map { "\($0.isDisabled) \($0.passwordHash)" } ?? "").utf8)
        let head = LockoutCodes.head(.password, [state])
        let message = SecretBytes(count: head.count + password.count) { message in
            message.copyBytes(from: head)
            let rest = UnsafeMutableRawBufferPointer(rebasing: message[head.count...])
            password.withUnsafeBytes { rest.copyMemory(from: $0) }
        }
        let code = message.withUnsafeBytes { key.authenticationCode(for: $0) }
        return PasswordFingerprint(LockoutCodes.word(code, 0), LockoutCodes.word(code, 8))
    }

    private func code(_ subject: Subject, _ parts: [UInt8]...) -> UInt64 {
        let message = LockoutCodes.head(subject, parts)
        return LockoutCodes.word(message.withUnsafeBytes { key.authenticationCode(for: $0) }, 0)
    }

    /// Each part preceded by its length, so that no two lists of parts look the same.
    private static func head(_ subject: Subject, _ parts: [[UInt8]]) -> [UInt8] {
        var head = [subject.rawValue]
        for part in parts {
            withUnsafeBytes(of: UInt32(part.count).bigEndian) { head.append(contentsOf: $0) }
            head += part
        }
        return head
    }

    private static func word(_ code: [UInt8], _ offset: Int) -> UInt64 {
        code[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The codes under which an attempt is counted.
struct LockoutSubject: Sendable {
    /// The email, its current account, and how often that was unlocked.
    let account: UInt64
    /// The same from one network; nil if the network is not known.
    let pair: UInt64?
    /// The network.
    let network: UInt64?
    /// The email from one network and caller.
    let caller: UInt64
}
