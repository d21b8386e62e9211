import Bytes
import Cryptography

/// Names the partition in which all rows of one account live.
///
/// It is `u_` and the SHA-256 of the stored email in hexadecimal: safe characters, a fixed length,
/// an even spread, and no address in the store's keys or logs.
package struct AccountPartition: Sendable, Hashable {
    /// The row of the account itself.
    static let accountRow = "account"
    /// What the rows of sessions start with.
    static let sessionRowPrefix = "s_"

    package let name: String
    private let digest: [UInt8]

    /// - Parameter email: the stored form of an address.
    package init(email: String) {
        self.init(digest: SHA256.digest(Array(email.utf8)))
    }

    /// Nil when `reference` is not what the property of that name returned for some partition.
    init?(reference: String) {
        guard let digest = Base64.url.decode(reference), digest.count == 32 else { return nil }
        self.init(digest: digest)
    }

    /// Nil when `name` is not the name of an account's partition.
    init?(name: String) {
        guard name.hasPrefix("u_"), let digest = Hex.decode(String(name.dropFirst(2))),
            digest.count == 32
        else { return nil }
        self.init(digest: digest)
        guard self.name == name else { return nil }
    }

    private init(digest: [UInt8]) {
        self.digest = digest
        name = "u_" + Hex.encode(digest)
    }

    /// The short form that refresh tokens carry: 43 characters.
    var reference: String { Base64.url.encode(digest) }

    /// The row of a session.
    static func sessionRow(_ sessionID: String) -> String {
        sessionRowPrefix + sessionID
    }
}
