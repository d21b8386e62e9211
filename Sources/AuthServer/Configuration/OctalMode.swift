import Glibc

/// File modes as people write them: octal digits.
enum OctalMode {
    /// Four digits, such as `0660`.
    static func text(_ mode: mode_t) -> String {
        let digits = String(mode & 0o7777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Three or four octal digits; nothing else.
    static func parse(_ text: String) -> mode_t? {
        guard (3...4).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x37).contains($0) })
        else { return nil }
        return mode_t(text, radix: 8)
    }
}
