import Bytes
import Foundation
import Glibc
import Synchronization

/// Every password and token that a test has used, to be looked for in the daemon's log.
final class SecretLedger: Sendable {
    private let texts = Mutex<Set<String>>([])
    private let raw = Mutex<Set<[UInt8]>>([])

    var count: Int { texts.withLock { $0.count } + raw.withLock { $0.count } }

    func note(password: String) {
        texts.withLock { _ = $0.insert(password) }
    }

    /// The payload and the signature each count: the header is the same for all.
    func note(token: SecretBytes) {
        let parts = text(of: token).split(separator: ".").dropFirst().map(String.init)
            // The enrollment token's second part is the id of a key.
            .filter { $0.utf8.count >= 16 }
        texts.withLock { $0.formUnion(parts) }
    }

    /// A JWT; its payload and its signature count decoded, too.
    func note(jwt token: SecretBytes) {
        note(token: token)
        for part in text(of: token).split(separator: ".").dropFirst() {
            if let bytes = Base64.url.decode(String(part)) { note(bytes: bytes) }
        }
    }

    /// Bytes that are no text.
    func note(bytes: some Collection<UInt8>) {
        raw.withLock { _ = $0.insert(Array(bytes)) }
    }

    /// Those that are anywhere in a file, such as the image of a process; of a long one its end is
    /// enough: the heap writes 16 bytes of its own to the start of a block that was freed.
    ///
    /// - Throws: when the file can't be mapped.
    func leaks(inFile path: String) throws -> [String] {
        let file = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let named =
            texts.withLock { $0.map { ($0, Array($0.utf8)) } }
            + raw.withLock { $0.map { ("\($0)", $0) } }
        // The search passes over zeros quickly, so nothing that is looked for begins with them.
        let needles = named.map { name, bytes in
            (name, Array((bytes.count >= 32 ? bytes[16...] : bytes[...]).drop { $0 == 0 }))
        }
        return file.withUnsafeBytes { SecretLedger.search($0, needles) }
    }

    /// One pass for all needles, of 8 bytes or more, by their first two bytes.
    private static func search(
        _ file: UnsafeRawBufferPointer, _ needles: [(name: String, bytes: [UInt8])]
    ) -> [String] {
        var byHead: [UInt16: [Int]] = [:]
        var isHead = [Bool](repeating: false, count: 1 << 16)
        for (index, needle) in needles.enumerated() {
            precondition(needle.bytes.count >= 8, "may be found by chance")
            let head = UInt16(needle.bytes[0]) | UInt16(needle.bytes[1]) << 8
            byHead[head, default: []].append(index)
            isHead[Int(head)] = true
        }
        var found: Set<Int> = []
        isHead.withUnsafeBufferPointer { isHead in
            var at = 0
            while at + 8 <= file.count {
                let word = UInt64(
                    littleEndian: file.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                let head = UInt16(truncatingIfNeeded: word)
                if isHead[Int(head)] {
                    for index in byHead[head] ?? [] where !found.contains(index) {
                        let needle = needles[index].bytes
                        if file[at...].starts(with: needle) { found.insert(index) }
                    }
                }
                at += word == 0 ? 8 : 1
            }
        }
        return found.map { needles[$0].name }.sorted()
    }

    /// Those that are in `log`, which has no NUL.
    func leaks(in log: String) -> [String] {
        texts.withLock { texts in
            log.withCString { log in texts.filter { strstr(log, $0) != nil } }
        }
    }
}

/// The text of a token.
func text(of secret: SecretBytes) -> String {
    secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}
