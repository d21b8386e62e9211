/// The `traceparent` of W3C Trace Context §3.2: `00-<32 hex>-<16 hex>-<2 hex>`.
enum TraceParent {
    /// `text` itself if it is well-formed, so that nothing else gets into the logs.
    static func valid(_ text: String?) -> String? {
        guard let text, text.utf8.count == 55 else { return nil }
        let dashes: Set = [2, 35, 52]
        for (place, byte) in text.utf8.enumerated() {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            guard dashes.contains(place) ? byte == UInt8(ascii: "-") : isDigit || isLetter else {
                return nil
            }
        }
        return text
    }
}
