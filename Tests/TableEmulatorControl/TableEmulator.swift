import Bytes
import Foundation
package import HTTPClient
package import Testing

/// The emulator of Azure Table Storage (`Tests/TableEmulator`) as a child process on loopback ports
/// that the kernel chose.
package final class TableEmulator: Sendable {
    /// Its ports, and nothing else that changes.
    package let port: Int
    package let controlPort: Int
    package let identityPort: Int
    private let processID: Int32
    private let control: HTTPClient

    package static let account = "devstoreaccount1"

    /// The Python that has h11; nil when there is none.
    package static var python: String? {
        let named = ProcessInfo.processInfo.environment["AUTHD_TEST_PYTHON"]
        let usual = root.appendingPathComponent(".build/python/bin/python").path
        let path = named ?? usual
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        return path
    }

    /// Whether tests can run against it. `scripts/test` sees to that.
    package static var isAvailable: Bool { python != nil }

    /// What tests say when they are skipped.
    package static let hint: Comment = """
        needs the table emulator: run scripts/test unit once, or name a Python with the package h11 \
        in AUTHD_TEST_PYTHON
        """

    /// For all tests that mind nothing but their own table.
    package static func shared() async throws -> TableEmulator {
        try await sharedTask.value
    }

    private static let sharedTask = Task {
        let emulator = try await TableEmulator.start()
        SharedProcess.id = emulator.processID
        atexit { SharedProcess.end() }
        return emulator
    }

    private static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// Starts one, for the test alone, which calls `stop()`.
    package static func start(_ arguments: [String] = []) async throws -> TableEmulator {
        guard let python else { throw EmulatorError("there is no Python with h11") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments =
            [root.appendingPathComponent("Tests/TableEmulator").path, "--port", "0"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        // Else whoever waits for the end of the tests' output waits for the emulator's too.
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = await firstLine(of: output)
        guard let ports = try? JSONSerialization.jsonObject(with: line) as? [String: Int],
            let port = ports["port"], let control = ports["control"],
            let identity = ports["identity"]
        else {
            process.terminate()
            throw EmulatorError("the emulator did not start")
        }
        return try TableEmulator(port, control, identity, processID: process.processIdentifier)
    }

    /// What a pipe gives up to the end of a line, or its own end.
    private static func firstLine(of pipe: Pipe) async -> Data {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var line = Data()
                while !line.contains(0x0A) {
                    let data = pipe.fileHandleForReading.availableData
                    if data.isEmpty { break }
                    line += data
                }
                continuation.resume(returning: line)
            }
        }
    }

    private init(_ port: Int, _ controlPort: Int, _ identityPort: Int, processID: Int32) throws {
        self.port = port
        self.controlPort = controlPort
        self.identityPort = identityPort
        self.processID = processID
        control = try HTTPClient()
    }

    /// Ends the process, and waits for nothing: its ports are nobody else's.
    package func stop() async {
        await control.close()
        kill(processID, SIGTERM)
    }

    /// The address of the tables.
    package var endpoint: String { "http://127.0.0.1:\(port)/\(TableEmulator.account)" }

    // MARK: - Control

    /// Calls the control port.
    ///
    /// - Throws: `EmulatorError` when the emulator refuses the call.
    @discardableResult
    package func call(
        _ method: HTTPMethod, _ path: String, _ body: [String: Any] = [:]
    ) async throws -> [String: Any] {
        var request = HTTPRequest(method, "http://127.0.0.1:\(controlPort)\(path)")
        request.headers = [("Content-Type", "application/json")]
        if method != .get {
            request.body = SecretBytes(try JSONSerialization.data(withJSONObject: body))
        }
        let response = try await control.send(request, timeout: .seconds(30))
        let answer =
            try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any] ?? [:]
        guard response.status == 200 else { throw EmulatorError("\(path): \(answer)") }
        return answer
    }

    /// Adds a fault for the requests that match.
    package func addFault(
        match: [String: Any], fault: [String: Any], times: Int? = 1,
        more: [String: Any] = [:]
    ) async throws {
        var rule: [String: Any] = ["match": match, "fault": fault]
        rule["times"] = times.map { $0 as Any } ?? NSNull()
        rule.merge(more) { _, new in new }
        try await call(.post, "/faults", rule)
    }

    /// A SAS with these fields.
    package func signature(_ fields: [String: String]) async throws -> String {
        let answer = try await call(.post, "/sas", fields)
        guard let token = answer["token"] as? String else { throw EmulatorError("no token") }
        return token
    }

    /// All commits that touch a table, in order.
    package func commits(table: String) async throws -> [[String: Any]] {
        try await call(.get, "/commits?table=\(table)")["commits"] as? [[String: Any]] ?? []
    }

    /// What a careful client does not do, and ours did.
    package func violations() async throws -> [String] {
        let answer = try await call(.get, "/lint")
        return (answer["violations"] as? [Any] ?? []).map { "\($0)" }
    }

    /// A name that no other test uses.
    package static func freshTable() -> String {
        "T" + Hex.encode((0..<8).map { _ in UInt8.random(in: 0...255) })
    }
}

/// Why the emulator is of no use.
package struct EmulatorError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The shared emulator's process, ended with this one.
private enum SharedProcess {
    /// Unsafe in name only: written once, before `atexit` is told of the reader.
    nonisolated(unsafe) static var id: Int32 = 0

    static func end() {
        if id > 0 { kill(id, SIGTERM) }
    }
}
