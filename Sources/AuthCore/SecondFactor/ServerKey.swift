import Bytes
import Cryptography

/// A key of the server, as derived from what the operator configured.
struct ServerKey: Sendable {
    /// The length of the key in bytes.
    static let byteCount = 32
    /// The characters of an id.
    static let idCharacterCount = 8

    /// Names the key in what it sealed. Derived one-way, separately from every other use of the
    /// key, so it reveals nothing about it; 32 bits distinguish the few keys of a ring.
    let id: String
    /// The key itself.
    let bytes: SecretBytes

    /// - Parameter configured: the operator's text; at least one byte.
    init(configured: SecretBytes) {
        bytes = HKDF.derive(
            hash: .sha256, key: configured, salt: [], info: Array("authd server key v1".utf8),
            count: ServerKey.byteCount)
        let name = HKDF.derive(
            hash: .sha256, key: bytes, salt: [], info: Array("authd server key id v1".utf8),
            count: ServerKey.idCharacterCount / 2)
        id = name.withUnsafeBytes { Hex.encode($0) }
    }

    /// Whether `text` has the form of an id.
    static func isID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == idCharacterCount
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
