package import Bytes

/// The server's keys: one that seals, and older ones that still open what they sealed.
///
/// Each comes from a text that the operator configured (ENCRYPTION_KEY, or else JWT_SECRET). To
/// rotate, they put a new text in front and keep the old one until everybody has logged in.
package struct ServerKeyRing: Sendable {
    /// The fewest bytes of a configured text. The table and a password together must not be enough
    /// to open a secret, so the text must not be guessable either.
    package static let configuredBytesMin = 32
    /// The most older keys: more rotations than anyone keeps old users waiting for.
    package static let olderKeysMax = 16

    /// Why keys can't make a ring.
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// A text has fewer than `configuredBytesMin` bytes.
        case textTooShort
        /// There are more than `olderKeysMax` older texts.
        case tooManyKeys
        /// Two different texts have the same id; this happens by chance once in 30 million rings.
        case idsCollide

        /// One plain sentence for the operator.
        package var description: String {
            switch self {
            case .textTooShort:
                "a key's text has fewer than \(ServerKeyRing.configuredBytesMin) bytes"
            case .tooManyKeys: "there are more than \(ServerKeyRing.olderKeysMax) older keys"
            case .idsCollide: "two keys have the same id by chance; choose another key"
            }
        }
    }

    /// Seals, and opens.
    let current: ServerKey
    private let older: [ServerKey]

    /// - Parameters:
    ///   - current: the text whose key seals from now on.
    ///   - older: texts whose keys only open, in any order. One given twice counts once.
    /// - Throws: `Failure`.
    package init(current: SecretBytes, older: [SecretBytes] = []) throws(Failure) {
        guard older.count <= ServerKeyRing.olderKeysMax else { throw .tooManyKeys }
        var keys: [ServerKey] = []
        for text in [current] + older {
            guard text.count >= ServerKeyRing.configuredBytesMin else { throw .textTooShort }
            let key = ServerKey(configured: text)
            if keys.contains(where: { $0.bytes == key.bytes }) { continue }
            guard !keys.contains(where: { $0.id == key.id }) else { throw .idsCollide }
            keys.append(key)
        }
        self.current = keys[0]
        self.older = Array(keys.dropFirst())
    }

    /// The id of the key that seals: 8 hexadecimal digits, suitable for logs.
    package var currentID: String { current.id }

    /// The key with that id, or nil.
    func key(_ id: String) -> ServerKey? {
        current.id == id ? current : older.first { $0.id == id }
    }
}
