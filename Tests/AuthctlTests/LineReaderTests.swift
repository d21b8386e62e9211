import Foundation
import Testing

@testable import authctl

/// How authctl reads files of lines: imports and audit logs.
@Suite struct LineReaderTests {
    /// What is read from a file of `content`: each line, and the share of the file after it.
    private func read(_ content: String) throws -> [(line: LineReader.Line, share: Double?)] {
        let path = NSTemporaryDirectory() + "lines-" + UUID().uuidString
        try Data(content.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = try LineReader(path: path)
        var lines: [(LineReader.Line, Double?)] = []
        while let line = try reader.next() { lines.append((line, reader.share)) }
        return lines
    }

    private static let most = LineReader.lineBytesMax

    @Test(arguments: ["", "\n", "\n\na", "a\nbc\n", "a\nbc", "\n\n"])
    func `Every line is read, including a last line without a newline`(_ content: String) throws {
        var expected = content.split(separator: "\n", omittingEmptySubsequences: false)
        if expected.last == "" { expected.removeLast() }
        let lines = try read(content)
        let found = lines.map { String(decoding: $0.line.bytes, as: UTF8.self) }
        #expect(found == expected.map(String.init))
        if let last = lines.last { #expect(last.share == 1) }
    }

    @Test func `A line at the limit is read whole, and a longer one is truncated and marked`()
        throws
    {
        for (count, isTooLong) in [
            (Self.most - 1, false), (Self.most, false), (Self.most + 1, true),
            (4 * Self.most, true), (30 * Self.most, true),
        ] {
            for end in ["\n", "\nnext", ""] {
                let lines = try read("before\n" + String(repeating: "x", count: count) + end)
                #expect(lines.count == (end == "\nnext" ? 3 : 2))
                let line = lines[1].line
                #expect(line.isTooLong == isTooLong, "\(count)")
                #expect(line.bytes == Array(repeating: 0x78, count: min(count, Self.most + 1)))
                #expect(lines.last?.share == 1)
            }
        }
    }

    @Test func `Lines that cross chunk boundaries at any offset are read whole`() throws {
        let lines = (0..<5000).map { String(repeating: "y", count: $0 * 7 % 1009) }
        let found = try read(lines.map { $0 + "\n" }.joined())
        #expect(found.map { String(decoding: $0.line.bytes, as: UTF8.self) } == lines)
        #expect(zip(found, found.dropFirst()).allSatisfy { ($0.share ?? 2) <= ($1.share ?? 0) })
    }
}
