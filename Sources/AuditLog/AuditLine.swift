import Bytes

/// What a line of a log says about its place in the chain.
struct AuditLine: Equatable {
    let sequence: UInt64
    let log: String
    let event: String
    let previous: String
    let code: String
    /// The index of the key under which `code` is the line's code; nil if it is none of them.
    let keyIndex: Int?

    /// Whether `code` is the line's code under one of the keys.
    var isAuthentic: Bool { keyIndex != nil }

    /// No line of ours is longer; of a longer one a reader may pass on only the beginning.
    static let bytesMax = 4096

    /// Reads a line without its line feed; nil for anything that does not have its form.
    init?(_ line: some BidirectionalCollection<UInt8>, _ keys: [AuditKey]) {
        // ,"mac":"…"}
        let tailCount = 8 + AuditKey.codeDigitCount + 2
        guard line.count <= AuditLine.bytesMax, line.count > 2 * tailCount else { return nil }
        let bytes = Array(line)
        let body = bytes[..<(bytes.count - tailCount)]
        guard let code = AuditLine.code(bytes[body.endIndex...], ",\"mac\":\"", "\"}"),
            let previous = AuditLine.code(body, ",\"prev\":\"", "\"")
        else { return nil }
        var rest = Substring(String(decoding: body, as: UTF8.self))
        guard let sequence = AuditLine.take(&rest, after: "{\"seq\":", until: ","),
            let number = UInt64(sequence), String(number) == sequence,
            let log = AuditLine.take(&rest, after: "\"log\":\"", until: "\","),
            AuditLine.take(&rest, after: "\"time\":\"", until: "\",") != nil,
            let event = AuditLine.take(&rest, after: "\"event\":\"", until: "\"")
        else { return nil }
        self.sequence = number
        self.log = log
        self.event = event
        self.previous = previous
        self.code = code
        // Compared as secrets are, in constant time.
        keyIndex = keys.firstIndex {
            SecretBytes(utf8: $0.code(for: Array(body))) == SecretBytes(utf8: code)
        }
    }

    /// The digits between `opening` and `closing` at the end of `bytes`.
    private static func code(
        _ bytes: ArraySlice<UInt8>, _ opening: String, _ closing: String
    ) -> String? {
        let digitsEnd = bytes.endIndex - closing.utf8.count
        let digitsStart = digitsEnd - AuditKey.codeDigitCount
        guard digitsStart >= bytes.startIndex else { return nil }
        let digits = bytes[digitsStart..<digitsEnd]
        guard bytes[digitsEnd...].elementsEqual(closing.utf8),
            bytes[bytes.startIndex..<digitsStart].suffix(opening.utf8.count)
                .elementsEqual(opening.utf8),
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func take(
        _ rest: inout Substring, after prefix: String, until end: String
    ) -> String? {
        guard rest.hasPrefix(prefix) else { return nil }
        let value = rest.dropFirst(prefix.count)
        guard let range = value.firstRange(of: end) else { return nil }
        rest = value[range.upperBound...]
        return String(value[..<range.lowerBound])
    }
}
