package import Bytes
package import Cryptography

/// JWS in compact form (RFC 7515 §3.1), with the algorithm pinned to the key (RFC 8725 §3.1).
package enum JSONWebSignature {
    /// The longest token that is read: far more than ours (under 1 KiB), far less than a request.
    package static let tokenBytesMax = 8192
    /// The longest header that is read, in base64url. It is parsed before the signature is checked;
    /// ours have at most 120 bytes.
    private static let headerBytesMax = 1024

    /// What a verified token says.
    package struct Verified {
        /// The bytes that were signed for.
        package var payload: [UInt8]
    }

    /// Why a token is refused; only useful for the log and the tests.
    package enum Refusal: Error, Equatable {
        case malformed
        case wrongType
        case unknownKey
        case badSignature
    }

    /// Signs `payload` under `key`, and wipes it.
    ///
    /// - Throws: what signing throws.
    package static func sign(
        _ payload: consuming [UInt8], with key: TokenKey
    ) throws(CryptographyError) -> SecretBytes {
        let payloadCount = Base64.url.encodedCount(payload.count)
        var signed: [UInt8] = []
        signed.reserveCapacity(key.header.count + 1 + payloadCount)
        signed.append(contentsOf: key.header)
        signed.append(UInt8(ascii: "."))
        let start = signed.count
        signed.append(contentsOf: repeatElement(0, count: payloadCount))
        signed.withUnsafeMutableBytes { signed in
            payload.withUnsafeBytes {
                _ = Base64.url.encode(
                    $0, into: UnsafeMutableRawBufferPointer(rebasing: signed[start...]))
            }
        }
        defer { wipe(&signed) }
        wipe(&payload)
        var signature = try signature(of: signed, key.key)
        defer { wipe(&signature) }
        let count = signed.count + 1 + Base64.url.encodedCount(signature.count)
        return SecretBytes(count: count) { token in
            token.copyBytes(from: signed)
            token[signed.count] = UInt8(ascii: ".")
            signature.withUnsafeBytes {
                _ = Base64.url.encode(
                    $0, into: UnsafeMutableRawBufferPointer(rebasing: token[(signed.count + 1)...]))
            }
        }
    }

    private static func signature(
        of signed: [UInt8], _ key: SignatureKey
    ) throws(CryptographyError) -> [UInt8] {
        try signed.withUnsafeBytes { bytes in
            Result { () throws(CryptographyError) in try key.sign(bytes) }
        }.get()
    }

    /// Checks `token` against the keys that may have signed it.
    ///
    /// The header picks a key by `kid` and must name exactly that key's algorithm; `none`, `crit`,
    /// embedded keys and any other algorithm are refused before a signature is computed.
    ///
    /// - Throws: `Refusal`.
    package static func verify(
        _ token: UnsafeRawBufferPointer, with keys: [TokenKey]
    ) throws(Refusal) -> Verified {
        Verified(payload: try payload(of: try check(token, with: keys)))
    }

    /// A token whose signature is right, and whose payload has not been decoded yet.
    struct Checked {
        /// The first half of an HS256 signature, which no two tokens of a key have in common; nil
        /// for other algorithms.
        let tag: Tag?
        /// The payload in base64url: a part of the token.
        let encodedPayload: UnsafeRawBufferPointer
    }

    /// The first 16 bytes of an HMAC.
    struct Tag: Equatable {
        private let high: UInt64
        /// 64 of its bits, as good as random.
        let low: UInt64

        /// Nil for a signature that is not an HMAC's.
        fileprivate init?(_ signature: UnsafeRawBufferPointer, by key: TokenKey) {
            let bytes = MemoryLayout<UInt64>.size
            guard key.key.algorithm.isSymmetric, signature.count >= 4 * bytes else { return nil }
            high = signature.loadUnaligned(as: UInt64.self)
            low = signature.loadUnaligned(fromByteOffset: bytes, as: UInt64.self)
        }
    }

    /// The signed bytes.
    ///
    /// - Throws: `.malformed` for anything but base64url.
    static func payload(of checked: Checked) throws(Refusal) -> [UInt8] {
        guard let payload = Base64.url.decode(checked.encodedPayload) else { throw .malformed }
        return payload
    }

    /// Does all of `verify` except decoding the payload.
    ///
    /// - Throws: `Refusal`.
    static func check(
        _ token: UnsafeRawBufferPointer, with keys: [TokenKey]
    ) throws(Refusal) -> Checked {
        guard token.count <= tokenBytesMax else { throw .malformed }
        let dot = UInt8(ascii: ".")
        guard let first = token.offset(of: dot, from: 0),
            let second = token.offset(of: dot, from: first + 1)
        else { throw .malformed }
        let header = UnsafeRawBufferPointer(rebasing: token[..<first])
        let key = try key(for: header, among: keys)
        let tag = try tag(
            ofValid: UnsafeRawBufferPointer(rebasing: token[(second + 1)...]),
            for: UnsafeRawBufferPointer(rebasing: token[..<second]), key)
        return Checked(
            tag: tag,
            encodedPayload: UnsafeRawBufferPointer(rebasing: token[(first + 1)..<second]))
    }

    /// Checks the signature that `text` contains in base64url.
    private static func tag(
        ofValid text: UnsafeRawBufferPointer, for signed: UnsafeRawBufferPointer, _ key: TokenKey
    ) throws(Refusal) -> Tag? {
        let result = withUnsafeTemporaryAllocation(
            byteCount: Base64.url.decodedCountMax(text.count), alignment: 8
        ) { room -> Result<Tag?, Refusal> in
            defer { wipe(room) }
            // A third dot is not base64url and is refused here.
            guard let count = Base64.url.decode(text, into: room) else {
                return .failure(.malformed)
            }
            let signature = UnsafeRawBufferPointer(rebasing: room[..<count])
            guard key.key.isValid(signature: signature, for: signed) else {
                return .failure(.badSignature)
            }
            return .success(Tag(signature, by: key))
        }
        return try result.get()
    }

    /// The key that `header` names. A header that we would have written ourselves, byte for byte,
    /// needs no parsing; any other is read strictly.
    private static func key(
        for header: UnsafeRawBufferPointer, among keys: [TokenKey]
    ) throws(Refusal) -> TokenKey {
        for key in keys {
            let isOurs = key.header.withUnsafeBytes { haveSameBytes($0, header) }
            if isOurs { return key }
        }
        guard header.count <= headerBytesMax, let json = Base64.url.decode(header) else {
            throw .malformed
        }
        let parsed = try json.withUnsafeBytes { json in
            Result { () throws(Refusal) in try ParsedHeader(json) }
        }.get()
        guard let key = keys.first(where: { parsed.names($0) }) else { throw .unknownKey }
        guard parsed.hasType(of: key) else { throw .wrongType }
        return key
    }

    /// The relevant members of a header.
    private struct ParsedHeader {
        private var algorithm: String?
        private var type: String?
        private var keyID: String?

        init(_ json: UnsafeRawBufferPointer) throws(Refusal) {
            let members: [(name: String, value: TokenJSON)]
            do {
                members = try TokenJSONReader.members(of: json)
            } catch {
                throw .malformed
            }
            for (name, value) in members {
                switch (name, value) {
                case ("alg", .string(let text)): algorithm = text
                case ("typ", .string(let text)): type = text
                case ("kid", .string(let text)): keyID = text
                case ("alg", _), ("typ", _), ("kid", _): throw .malformed
                // RFC 7515 §4.1.11: an extension that is not understood must be refused.
                case ("crit", _), ("b64", _): throw .malformed
                // RFC 8725 §3.10: a key or an address in the token is the attacker's.
                case ("jwk", _), ("jku", _), ("x5u", _), ("x5c", _): throw .malformed
                default: break
                }
            }
        }

        /// Whether the header names `key`: its algorithm, and its id if one is named.
        func names(_ key: TokenKey) -> Bool {
            algorithm == key.key.algorithm.rawValue && (keyID == nil || keyID == key.keyID)
        }

        /// RFC 9068 §4: `at+jwt`, or prefixed with `application/`; case does not matter.
        func hasType(of key: TokenKey) -> Bool {
            guard let expected = key.type else { return true }
            guard let type = type?.lowercased() else { return false }
            return type == expected || type == "application/" + expected
        }
    }
}
