import Bytes
import Glibc

/// Where a log ends, stored next to the server secret: a log continues over restarts and rotation,
/// and a log whose end was cut off is detected.
package struct AuditEnd: Sendable, Equatable {
    let chain: AuditChain

    /// The number of the last line.
    package var sequence: UInt64 { chain.sequence }

    /// The name of the file in the state directory.
    package static let fileName = "audit_end"

    /// The whole file: a line of fixed length, so that each replaces the one before.
    static func fileText(_ chain: AuditChain, _ key: AuditKey) -> [UInt8] {
        let digits = String(chain.sequence)
        let zeros = String(repeating: "0", count: 20 - digits.count)
        let text = "authd-audit-end-v1 \(chain.log) \(zeros)\(digits) \(chain.code) "
        return Array((text + key.code(for: Array(text.utf8)) + "\n").utf8)
    }

    /// Reads the text of the file; nil for anything else, or a text under another key.
    package init?(fileText: some Sequence<UInt8>, key: AuditKey) {
        let text = String(decoding: Array(fileText), as: UTF8.self)
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, words[0] == "authd-audit-end-v1", let sequence = UInt64(words[2]),
            words[4].hasSuffix("\n")
        else { return nil }
        let body = text.dropLast(words[4].count)
        guard
            SecretBytes(utf8: String(words[4].dropLast()))
                == SecretBytes(utf8: key.code(for: Array(body.utf8)))
        else { return nil }
        chain = AuditChain(log: String(words[1]), sequence: sequence, code: String(words[3]))
    }
}
