/// The `traceparent` of W3C Trace Context §3.2: `00-<32 hex>-<16 hex>-<2 hex>`.
enum TraceParent {
    /// The bytes of version 00. Later versions begin with the same, and may add `-` and more.
    private static let byteCount = 55
    private static let dashes = [2, 35, 52]

    /// `text` itself, or what of a later version is known, if it is well-formed, so that nothing else
    /// gets into the logs. Version `ff`, and identifiers that are all zero, are invalid.
    static func valid(_ text: String?) -> String? {
        guard let utf8 = text?.utf8 else { return nil }
        let known = Array(utf8.prefix(byteCount))
        guard known.count == byteCount, known.indices.allSatisfy({ isInPlace(known[$0], at: $0) })
        else { return nil }
        let version = known[..<2]
        let isLast = version.elementsEqual("00".utf8)
        guard !version.elementsEqual("ff".utf8),
            utf8.count == byteCount
                || !isLast && utf8.dropFirst(byteCount).first == UInt8(ascii: "-"),
            isNotZero(known[3..<35]), isNotZero(known[36..<52])
        else { return nil }
        return String(decoding: known, as: UTF8.self)
    }

    private static func isInPlace(_ byte: UInt8, at place: Int) -> Bool {
        guard !dashes.contains(place) else { return byte == UInt8(ascii: "-") }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isNotZero(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.contains { $0 != UInt8(ascii: "0") }
    }
}
