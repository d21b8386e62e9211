import Bytes
package import Cryptography

/// A key for one kind of token, with the header that its tokens carry.
///
/// A class: finding one for each incoming token costs one reference count, not four.
package final class TokenKey: Sendable {
    /// The key; it fixes the algorithm.
    package let key: SignatureKey
    /// The RFC 7638 thumbprint; nil for a shared secret, which needs no name.
    package let keyID: String?
    /// The `typ` that its tokens have, in lower case; nil when it does not matter.
    package let type: String?
    /// The protected header in base64url, as we write it.
    let header: [UInt8]

    /// - Parameters:
    ///   - key: signs or only verifies.
    ///   - type: `at+jwt`, `rt+jwt`, or nil.
    package convenience init(_ key: SignatureKey, type: String?) {
        self.init(key, type: type, keyID: key.jsonWebKey?.thumbprint)
    }

    /// A key with a name chosen by others.
    init(_ key: SignatureKey, type: String?, keyID: String?) {
        self.key = key
        self.type = type
        self.keyID = keyID
        var json = TokenJSONWriter()
        json.member("alg", key.algorithm.rawValue)
        if let type { json.member("typ", type) }
        if let keyID { json.member("kid", keyID) }
        header = Array(Base64.url.encode(json.finished()).utf8)
    }
}
