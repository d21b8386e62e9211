import AuditLog
import Bytes
import Foundation
import Synchronization
import Testing

/// A log that continues under another key.
struct AuditKeyChangeTests {
    private static let newKey = AuditKey(
        serverSecret: SecretBytes(utf8: "the next server secret of 32 bytes or more"))
    private static let newLog = "ffeeddccbbaa9988"

    /// Opening, `count` events and closing under the first key, then the same under the next one.
    private static func log(isClosed: Bool = true) async throws -> (AuditFixture, [String]) {
        let fixture = try AuditFixture()
        try await fixture.write(3)
        if !isClosed {
            let lines = try fixture.lines().dropLast().map { $0 + "\n" }.joined()
            try lines.write(toFile: fixture.path(), atomically: false, encoding: .utf8)
        }
        #expect(fixture.troubles.withLock { $0 } == [])
        let writer = try AuditWriter(
            .file(fixture.path()), key: newKey, endPath: fixture.endPath, logIdentifier: newLog,
            time: { "2026-11-24T07:00:00.000Z" },
            trouble: { trouble in fixture.troubles.withLock { $0.append(trouble) } })
        for number in 0..<3 { writer.record(AuditFixture.event(number)) }
        #expect(await writer.stop())
        return (fixture, try fixture.lines())
    }

    private static func verify(
        _ lines: [String], _ keys: [AuditKey], end: AuditEnd? = nil
    ) -> AuditVerifier {
        var verifier = AuditVerifier(keys: keys)
        verifier.begin(file: "log")
        for line in lines { verifier.check(Array(line.utf8)) }
        verifier.finish(end: end)
        return verifier
    }

    @Test func `A changed key is reported in the log of the daemon and in the new chain`()
        async throws
    {
        let (fixture, lines) = try await Self.log()
        let troubles = fixture.troubles.withLock { $0 }
        #expect(troubles.count == 1)
        #expect(troubles.first?.contains("JWT_SECRET") == true)
        #expect(troubles.first?.contains(Self.newLog) == true)
        #expect(lines.count == 10)
        #expect(lines[5].hasPrefix("{\"seq\":1,\"log\":\"\(Self.newLog)\""))
        #expect(lines[5].contains("the key has changed"))
    }

    @Test func `A log with two keys verifies with both and fails with only one of them`()
        async throws
    {
        let (fixture, lines) = try await Self.log()
        for keys in [[fixture.key, Self.newKey], [Self.newKey, fixture.key]] {
            let verdict = Self.verify(lines, keys)
            #expect(verdict.problems == [])
            #expect(verdict.lineCount == 10)
            #expect(verdict.notes.map(\.line) == [6])
            #expect(verdict.notes.first?.text.contains("not closed") == false)
        }
        for (key, first) in [(fixture.key, 6), (Self.newKey, 1)] {
            let verdict = Self.verify(lines, [key])
            #expect(verdict.problemCount == 5 && verdict.otherKeyCount == 5)
            #expect(verdict.problems.first?.line == first)
            #expect(verdict.problems.first?.text.hasPrefix("is under another key") == true)
        }
    }

    @Test func `With an older key a truncated end is still detected from the stored end`()
        async throws
    {
        let (fixture, lines) = try await Self.log()
        let keys = [fixture.key, Self.newKey]
        let text = try Data(contentsOf: URL(fileURLWithPath: fixture.endPath))
        let end = try #require(AuditEnd(fileText: text, key: Self.newKey))
        #expect(Self.verify(lines, keys, end: end).problems == [])
        // Nothing of the present log, a part of it, and one of the older log behind it.
        #expect(Self.verify(Array(lines[..<5]), keys, end: end).problemCount == 1)
        #expect(Self.verify(Array(lines[..<8]), keys, end: end).problemCount == 1)
        let swapped = Array(lines[5...] + lines[..<5])
        #expect(Self.verify(swapped, keys, end: end).problemCount == 1)
        #expect(Self.verify(Array(swapped.dropFirst(3)), keys, end: end).problemCount > 0)
    }

    @Test func `A log that was not closed before the key change is noted`() async throws {
        let (fixture, lines) = try await Self.log(isClosed: false)
        let verdict = Self.verify(lines, [fixture.key, Self.newKey])
        #expect(verdict.problems == [])
        #expect(verdict.notes.first?.text.contains("not closed") == true)
    }

    @Test func `With two keys, changes and a log inserted into another are still detected`()
        async throws
    {
        let (fixture, lines) = try await Self.log()
        let keys = [fixture.key, Self.newKey]
        for number in lines.indices {
            var damaged = lines
            damaged[number] = damaged[number].replacing("00Z", with: "01Z")
                .replacing("granted", with: "refused")
                .replacing("01.000Z", with: "02.000Z")
            #expect(Self.verify(damaged, keys).problemCount > 0, "line \(number + 1)")
        }
        #expect(Self.verify(Array(lines[..<5] + lines[6...]), keys).problemCount > 0)
        let inserted = Array(lines[..<2] + lines[5...] + lines[2..<5])
        #expect(Self.verify(inserted, keys).problemCount > 0)
    }
}
