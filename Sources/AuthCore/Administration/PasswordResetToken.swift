import Bytes
import Cryptography

/// A one-time token with which a user sets a new password.
///
/// Text: `pr1.PARTITION.SECRET`: the reference of the account's partition, so that the lookup is a
/// point read, and 32 random bytes; both in base64url (RFC 4648 §5). Whoever knows an email knows
/// the partition too: all that counts is the secret, of which the account stores a hash.
struct PasswordResetToken {
    /// The prefix of every token; another form gets another one.
    private static let version = "pr1"
    private static let secretByteCount = 32
    /// The length of a token's text: 3, 43 and 43 characters, and two dots.
    private static let textBytes = 91

    let partition: AccountPartition
    private let secret: SecretBytes

    /// A new token for the account of a partition.
    init(for partition: AccountPartition) {
        self.partition = partition
        secret = SecureRandom.secret(PasswordResetToken.secretByteCount)
    }

    /// Reads a token; nil for anything that does not have its form.
    init?(_ text: SecretBytes) {
        guard text.count == PasswordResetToken.textBytes else { return nil }
        let parts: (AccountPartition, SecretBytes)? = text.withUnsafeBytes { text in
            let fields = text.split(
                separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0].elementsEqual(PasswordResetToken.version.utf8),
                let partition = AccountPartition(
                    reference: String(decoding: fields[1], as: UTF8.self)),
                var bytes = Base64.url.decode(UnsafeRawBufferPointer(rebasing: fields[2])),
                bytes.count == PasswordResetToken.secretByteCount
            else { return nil }
            defer { bytes.withUnsafeMutableBytes { wipe($0) } }
            return (partition, SecretBytes(bytes))
        }
        guard let parts else { return nil }
        (partition, secret) = parts
    }

    /// What is handed to the user.
    var text: SecretBytes {
        let head = Array("\(PasswordResetToken.version).\(partition.reference).".utf8)
        return SecretBytes(count: PasswordResetToken.textBytes) { text in
            text.copyBytes(from: head)
            let rest = UnsafeMutableRawBufferPointer(rebasing: text[head.count...])
            secret.withUnsafeBytes { _ = Base64.url.encode($0, into: rest) }
        }
    }

    /// What the account stores of a token: SHA-256 over its purpose, the user id and the secret.
    /// 256 random bits need no slow hash, and the user id makes it useless in
    /// another account, even a later one with the same email.
    func hash(userID: String) -> [UInt8] {
        let head = Array("authd password reset v1$\(userID)$".utf8)
        let message = SecretBytes(count: head.count + secret.count) { message in
            message.copyBytes(from: head)
            let rest = UnsafeMutableRawBufferPointer(rebasing: message[head.count...])
            secret.withUnsafeBytes { rest.copyMemory(from: $0) }
        }
        return message.withUnsafeBytes { SHA256.digest($0) }
    }
}
