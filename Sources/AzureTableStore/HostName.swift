/// Host names (RFC 1123 §2.1); a dotted address has the same form.
package enum HostName {
    /// Whether `text` consists of labels of letters, digits and hyphens, none of which starts or ends
    /// with a hyphen: 1 to 63 bytes each, at most 253 in all. Underscores are accepted: some
    /// emulators use them.
    package static func isValid(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        // The root, which may be written.
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy(isLabelByte)
        }
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
        default: false
        }
    }
}
