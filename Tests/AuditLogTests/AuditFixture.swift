import AuditLog
import Bytes
import Foundation
import Glibc
import Synchronization
import Testing

/// A directory with a log in it, and its key.
final class AuditFixture: Sendable {
    let directory: URL
    let key = AuditKey(serverSecret: SecretBytes(utf8: "a server secret of 32 bytes or more"))
    let troubles = Mutex<[String]>([])

    init() throws {
        // As the daemon does: a FIFO whose reader goes must not end the process.
        signal(SIGPIPE, SIG_IGN)
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("authd-audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func path(_ name: String = "audit.log") -> String {
        directory.appendingPathComponent(name).path
    }

    var endPath: String { path(AuditEnd.fileName) }

    func writer(
        _ destination: AuditDestination? = nil, keepsEnd: Bool = true,
        limits: AuditWriterLimits = AuditWriterLimits()
    ) throws -> AuditWriter {
        try AuditWriter(
            destination ?? .file(path()), key: key, endPath: keepsEnd ? endPath : nil,
            logIdentifier: "00112233aabbccdd", limits: limits, time: { "2026-11-24T06:00:00.000Z" },
            trouble: { trouble in self.troubles.withLock { $0.append(trouble) } })
    }

    static func record(_ number: Int, _ event: String = "Login") -> AuditRecord {
        var record = AuditRecord(time: "2026-11-24T06:00:01.000Z", event: event)
        record.add("outcome", "granted")
        record.add("user_id", "user-\(number)")
        return record
    }

    static func event(_ number: Int) -> AuditWriter.Event {
        { record(number) }
    }

    /// Writes `count` events to the file and stops.
    func write(_ count: Int, from first: Int = 0) async throws {
        let writer = try writer()
        for number in first..<(first + count) { writer.record(AuditFixture.event(number)) }
        #expect(await writer.stop())
    }

    func lines(_ name: String = "audit.log") throws -> [String] {
        let text = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    /// The verdict on lines, as one file or as several.
    func verify(_ files: [String]..., end: AuditEnd? = nil, skipsOthers: Bool = false)
        -> AuditVerifier
    {
        var verifier = AuditVerifier(keys: [key], skipsOthers: skipsOthers)
        for (number, lines) in files.enumerated() {
            verifier.begin(file: "file\(number + 1)")
            for line in lines { verifier.check(Array(line.utf8)) }
        }
        verifier.finish(end: end)
        return verifier
    }

    func end() throws -> AuditEnd {
        let text = try Data(contentsOf: URL(fileURLWithPath: endPath))
        return try #require(AuditEnd(fileText: text, key: key))
    }
}
