import Bytes
import COpenSSL

/// The text of a PEM file (RFC 7468), found to hold exactly one key.
struct PEMDocument {
    /// An 8192-bit RSA private key is smaller than 7 KiB; the rest is room for comments around it.
    static let bytesMax = 64 << 10

    let isPrivate: Bool
    private let text: SecretBytes

    /// - Throws: `keyUnreadable`, `keyEncrypted`, `keyUnsupported`.
    init(_ text: SecretBytes) throws(CryptographyError) {
        guard text.count <= PEMDocument.bytesMax else { throw .keyUnreadable }
        // `openssl ecparam -genkey` writes the curve's name in a block before the key's.
        let labels = text.withUnsafeBytes { PEMDocument.labels($0) }
            .filter { $0 != "EC PARAMETERS" }
        guard labels.count == 1, let label = labels.first else { throw .keyUnreadable }
        switch label {
        case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY": isPrivate = true
        case "PUBLIC KEY": isPrivate = false
        case "ENCRYPTED PRIVATE KEY": throw .keyEncrypted
        default: throw .keyUnsupported(kind: label)
        }
        self.text = text
    }

    /// The key; the caller frees it.
    ///
    /// - Throws: `keyUnreadable`, `keyEncrypted`.
    func readKey() throws(CryptographyError) -> OpaquePointer {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        var passphraseAsked = false
        let key = text.withUnsafeBytes { text -> OpaquePointer? in
            guard let source = BIO_new_mem_buf(text.baseAddress, Int32(text.count)) else {
                return nil
            }
            defer { BIO_free(source) }
            return isPrivate
                ? PEM_read_bio_PrivateKey_ex(
                    source, nil, refusePassphrase, &passphraseAsked, nil, nil)
                : PEM_read_bio_PUBKEY_ex(source, nil, refusePassphrase, &passphraseAsked, nil, nil)
        }
        if let key { return key }
        throw passphraseAsked ? .keyEncrypted : .keyUnreadable
    }

    /// The labels of all blocks, wherever in a line they begin: OpenSSL only looks at line starts,
    /// so it sees no block that is not counted here.
    private static func labels(_ text: UnsafeRawBufferPointer) -> [String] {
        let opening = Array("-----BEGIN ".utf8)
        let labelBytesMax = 64
        var labels: [String] = []
        var index = 0
        while index + opening.count <= text.count {
            guard text[index..<index + opening.count].elementsEqual(opening) else {
                index += 1
                continue
            }
            index += opening.count
            let label = text[index..<min(text.count, index + labelBytesMax)]
                .prefix { $0 != UInt8(ascii: "-") && $0 >= 0x20 && $0 < 0x7F }
            labels.append(String(decoding: label, as: UTF8.self))
        }
        return labels
    }
}

/// OpenSSL's passphrase callback (`pem_password_cb`): records in `asked`, a `Bool`, that one was
/// needed, and returns none. Without a callback OpenSSL would ask on the terminal.
private func refusePassphrase(
    _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int32, _ writing: Int32,
    _ asked: UnsafeMutableRawPointer?
) -> Int32 {
    asked?.assumingMemoryBound(to: Bool.self).pointee = true
    return -1
}
