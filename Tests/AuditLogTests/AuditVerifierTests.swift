import AuditLog
import Bytes
import Testing

/// What tampering with a log shows.
struct AuditVerifierTests {
    /// Opening, ten events, closing.
    private static func log() async throws -> (AuditFixture, [String]) {
        let fixture = try AuditFixture()
        try await fixture.write(10)
        let lines = try fixture.lines()
        #expect(lines.count == 12)
        return (fixture, lines)
    }

    @Test
    func `An unmodified log verifies`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        let verdict = fixture.verify(lines, end: try fixture.end())
        #expect(verdict.problems == [])
        #expect(verdict.lineCount == 12)
        #expect(verdict.sequences == 1...12)
    }

    @Test
    func `A flipped bit in any byte of a line is detected at that line`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        for number in [0, 3, 11] {
            for place in lines[number].utf8.indices {
                var bytes = Array(lines[number].utf8)
                let offset = lines[number].utf8.distance(
                    from: lines[number].utf8.startIndex, to: place)
                bytes[offset] ^= 1
                var verifier = AuditVerifier(keys: [fixture.key])
                verifier.begin(file: "log")
                for (index, line) in lines.enumerated() {
                    verifier.check(index == number ? bytes : Array(line.utf8))
                }
                verifier.finish()
                #expect(verifier.problemCount == 1, "line \(number + 1), byte \(offset)")
                #expect(verifier.problems.first?.line == number + 1)
            }
        }
    }

    @Test
    func `Removed lines are detected and counted`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        for number in 1..<11 {
            var damaged = lines
            damaged.remove(at: number)
            let verdict = fixture.verify(damaged)
            #expect(verdict.problemCount == 1)
            #expect(verdict.problems.first?.text.contains("1 missing lines") == true)
            #expect(verdict.problems.first?.line == number + 1)
        }
        let verdict = fixture.verify(Array(lines[..<3] + lines[7...]))
        #expect(verdict.problems.map(\.text) == ["follows 4 missing lines (seq 4 to 7)"])
    }

    @Test
    func `Bytes cut out of the log are detected`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        let text = lines.joined(separator: "\n")
        for (start, count) in [(400, 1), (400, 37), (500, 900), (1, 400)] {
            var bytes = Array(text.utf8)
            bytes.removeSubrange(start..<(start + count))
            let damaged = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            #expect(fixture.verify(damaged.map(String.init)).problemCount > 0, "\(start), \(count)")
        }
    }

    @Test
    func `Reordered and repeated lines are detected`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        for number in 1..<11 {
            var swapped = lines
            swapped.swapAt(number - 1, number)
            #expect(fixture.verify(swapped).problemCount > 0)
            let repeated = Array(lines[...number] + [lines[number]] + lines[(number + 1)...])
            #expect(fixture.verify(repeated).problemCount == 1)
        }
        #expect(fixture.verify(lines.reversed()).problemCount > 0)
    }

    @Test
    func `A line of another log under the same key, and lines under another key, are detected`()
        async throws
    {
        let (fixture, lines) = try await AuditVerifierTests.log()
        let other = try AuditFixture()
        try await other.write(3)
        let foreign = try other.lines()
        #expect(fixture.verify(Array(lines[..<4] + [foreign[3]] + lines[4...])).problemCount > 0)
        let stranger = AuditKey(serverSecret: SecretBytes(utf8: "another secret of 32 bytes or so"))
        var verifier = AuditVerifier(keys: [stranger])
        verifier.begin(file: "log")
        for line in lines { verifier.check(Array(line.utf8)) }
        verifier.finish()
        #expect(verifier.problemCount == lines.count)
        #expect(verifier.lineCount == 0)
        #expect(verifier.otherKeyCount == lines.count)
        #expect(verifier.problems.first?.text.contains("another key") == true)
    }

    @Test
    func `A removed line next to a changed one is detected too`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        var damaged = lines
        damaged[4] = damaged[4].replacing("user-3", with: "user-9")
        damaged.remove(at: 5)
        #expect(fixture.verify(damaged).problemCount == 2)
    }

    @Test
    func `A truncated end is detected from the stored end`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        let cut = Array(lines[..<8])
        #expect(fixture.verify(cut).problems == [])
        let verdict = fixture.verify(cut, end: try fixture.end())
        #expect(verdict.problemCount == 1)
        #expect(verdict.problems.first?.text.contains("lines at the end are missing") == true)
    }

    @Test
    func `Files in order verify as one log, and a missing file is detected`() async throws {
        let (fixture, lines) = try await AuditVerifierTests.log()
        let parts = (Array(lines[..<4]), Array(lines[4..<8]), Array(lines[8...]))
        #expect(fixture.verify(parts.0, parts.1, parts.2).problems == [])
        let verdict = fixture.verify(parts.0, parts.2)
        #expect(verdict.problems.map(\.line) == [1])
        #expect(verdict.problems.map(\.file) == ["file2"])
        // The first lines may be in a file that is kept elsewhere; the number tells.
        #expect(fixture.verify(parts.1, parts.2).problems == [])
        #expect(fixture.verify(parts.1, parts.2).sequences == 5...12)
    }

    @Test
    func `The audit log is found complete among the other lines of the daemon's log`() async throws
    {
        let (fixture, lines) = try await AuditVerifierTests.log()
        let mixed = lines.flatMap { ["2026-11-24T06:00:00.000Z INFO  ready", $0] }
        let verdict = fixture.verify(mixed, skipsOthers: true)
        #expect(verdict.problems == [])
        #expect(verdict.otherCount == 12)
        #expect(fixture.verify(mixed).problemCount > 0)
        // To make a line look like another one's does not hide that it is gone.
        var hidden = mixed
        hidden[5] = hidden[5].replacing("{\"seq\"", with: "{ \"seq\"")
        #expect(fixture.verify(hidden, skipsOthers: true).problemCount == 1)
        // A full disk cut off the line before, of which the beginning is left.
        hidden[5] = "2026-11-24T06:00:00.000Z INFO  rea" + mixed[5]
        #expect(fixture.verify(hidden, skipsOthers: true).problems == [])
        #expect(fixture.verify(hidden, skipsOthers: true).lineCount == 12)
    }

    @Test
    func `An empty log and garbage do not verify`() throws {
        let fixture = try AuditFixture()
        #expect(fixture.verify([]).problemCount == 1)
        let garbage = ["", "{}", "{\"seq\":1}", String(repeating: "x", count: 10_000), "\u{0}"]
        #expect(fixture.verify(garbage).problemCount == garbage.count)
    }

    @Test
    func `The key survives a round trip through its file, and malformed keys are refused`() throws {
        let fixture = try AuditFixture()
        let again = try #require(AuditKey(fileText: fixture.key.fileText))
        #expect(again.bytes == fixture.key.bytes)
        for text in ["", "authd-audit-key-v1 ", "authd-audit-key-v1 00", "x"] {
            #expect(AuditKey(fileText: SecretBytes(utf8: text)) == nil)
        }
    }
}
