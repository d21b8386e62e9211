/// The reply to an entity group transaction: a `multipart/mixed` of HTTP responses.
///
/// Read tolerantly: LF for CRLF, missing or extra blank lines, text before and after the parts,
/// headers in any case, quoted boundaries. But not truncated: it must have the closing boundary.
struct BatchReply: Equatable {
    /// One part.
    struct Part: Equatable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        /// The entity's version, in the answer to an insert or a replace.
        var etag: String? { headers["etag"] }
    }

    let parts: [Part]

    /// Nesting of multiparts: a batch, and a change set in it.
    private static let depthMax = 3

    /// - Returns: nil for anything but a complete reply.
    init?(contentType: String, body: [UInt8]) {
        guard let boundary = BatchReply.boundary(contentType),
            let parts = BatchReply.parts(BatchReply.lines(body)[...], boundary, depth: 0)
        else { return nil }
        self.parts = parts
    }

    private static func parts(
        _ lines: ArraySlice<[UInt8]>, _ boundary: [UInt8], depth: Int
    ) -> [Part]? {
        guard depth < depthMax else { return nil }
        let opening = Array("--".utf8) + boundary
        let closing = opening + Array("--".utf8)
        var found: [Part] = []
        var start: Int?
        for index in lines.indices {
            let line = trimmed(lines[index])
            guard line == opening || line == closing else { continue }
            if let start {
                guard let inner = part(lines[start..<index], depth: depth) else { return nil }
                found += inner
            }
            if line == closing { return found }
            start = index + 1
        }
        return nil
    }

    /// The responses in one part: its own, or those of the multipart that it is.
    private static func part(_ lines: ArraySlice<[UInt8]>, depth: Int) -> [Part]? {
        var rest = lines.drop { $0.isEmpty }
        let headers = takeHeaders(&rest)
        let type = headers["content-type"] ?? ""
        if let boundary = boundary(type) {
            return parts(rest, boundary, depth: depth + 1)
        }
        guard type.lowercased().hasPrefix("application/http") else { return nil }
        rest = rest.drop { $0.isEmpty }
        guard let statusLine = rest.popFirst() else { return nil }
        let words = statusLine.split(separator: 0x20, maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/".utf8),
            let status = Int(String(decoding: words[1], as: UTF8.self)),
            (100...599).contains(status)
        else { return nil }
        let inner = takeHeaders(&rest)
        while rest.last?.isEmpty == true { rest = rest.dropLast() }
        return [Part(status: status, headers: inner, body: Array(rest.joined(separator: [0x0A])))]
    }

    /// Headers up to the blank line, by their lower-case names.
    private static func takeHeaders(_ lines: inout ArraySlice<[UInt8]>) -> [String: String] {
        var headers: [String: String] = [:]
        while let line = lines.popFirst(), !line.isEmpty {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            headers[name] = String(decoding: trimmed(line[(colon + 1)...]), as: UTF8.self)
        }
        return headers
    }

    /// The boundary of a `multipart/` media type; nil for another type.
    private static func boundary(_ contentType: String) -> [UInt8]? {
        guard contentType.lowercased().hasPrefix("multipart/") else { return nil }
        for parameter in contentType.split(separator: ";").dropFirst() {
            let halves = parameter.split(separator: "=", maxSplits: 1)
            let name = halves[0].filter { !$0.isWhitespace }.lowercased()
            guard halves.count == 2, name == "boundary" else { continue }
            let value = trimmed(Array(halves[1].utf8)).filter { $0 != UInt8(ascii: "\"") }
            return value.isEmpty ? nil : value
        }
        return nil
    }

    private static func lines(_ body: [UInt8]) -> [[UInt8]] {
        body.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
    }

    private static func trimmed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var trimmed = Array(bytes.drop { $0 == 0x20 || $0 == 0x09 })
        while let last = trimmed.last, last == 0x20 || last == 0x09 { trimmed.removeLast() }
        return trimmed
    }
}
