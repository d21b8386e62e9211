package import Bytes
import Cryptography

/// The key of the audit chain, derived from the server secret by HKDF-SHA256 (RFC 5869). Whoever
/// has it can check a log, and could forge one; it gives access to nothing else.
package struct AuditKey: Sendable {
    /// The key itself, 32 bytes.
    package let bytes: SecretBytes
    private let hmac: HMACKey

    private static let byteCount = 32
    private static let information = Array("authd audit log v1".utf8)
    private static let filePrefix = "authd-audit-key-v1 "

    /// The key that belongs to a server secret.
    ///
    /// - Parameter serverSecret: JWT_SECRET, or what the state directory's file holds.
    package init(serverSecret: SecretBytes) {
        self.init(
            bytes: HKDF.derive(
                hash: .sha256, key: serverSecret, salt: [], info: AuditKey.information,
                count: AuditKey.byteCount))
    }

    /// The key in a file that `fileText` was written to; nil when it is something else.
    package init?(fileText: SecretBytes) {
        let prefix = Array(AuditKey.filePrefix.utf8)
        let bytes: SecretBytes? = fileText.withUnsafeBytes { text in
            guard text.count >= prefix.count, text.prefix(prefix.count).elementsEqual(prefix)
            else { return nil }
            var digits = text.dropFirst(prefix.count)
            if digits.last == UInt8(ascii: "\n") { digits = digits.dropLast() }
            guard let decoded = Hex.decode(String(decoding: digits, as: UTF8.self)),
                decoded.count == AuditKey.byteCount
            else { return nil }
            return SecretBytes(decoded)
        }
        guard let bytes else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: SecretBytes) {
        self.bytes = bytes
        hmac = HMACKey(.sha256, key: bytes)
    }

    /// One line for a file of mode 0600, for those who check logs without the server secret.
    package var fileText: SecretBytes {
        bytes.withUnsafeBytes {
            SecretBytes(utf8: AuditKey.filePrefix + Hex.encode($0) + "\n")
        }
    }

    /// 16 hexadecimal digits that stand for `text`: always the same under one key, and without the
    /// key nobody can test which text it is.
    package func pseudonym(of text: String) -> String {
        String(code(for: Array(("pseudonym " + text).utf8)).prefix(16))
    }

    /// The first 128 bits of HMAC-SHA256 as 32 hexadecimal digits: nobody can guess one, and a line
    /// has two of them.
    func code(for message: [UInt8]) -> String {
        withUnsafeTemporaryAllocation(byteCount: hmac.algorithm.byteCount, alignment: 8) { code in
            message.withUnsafeBytes { hmac.authenticate($0, into: code) }
            return Hex.encode(UnsafeRawBufferPointer(rebasing: code[..<AuditKey.codeByteCount]))
        }
    }

    private static let codeByteCount = 16
    /// The characters of a code.
    static let codeDigitCount = 2 * codeByteCount
}
