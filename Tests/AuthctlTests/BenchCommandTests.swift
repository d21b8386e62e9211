import Foundation
import Glibc
import Testing

/// `authctl bench` on a built daemon.
@Suite struct BenchCommandTests {
    /// As short as can be: the lowest cost that is timed fits nothing in a millisecond.
    private static let short = [
        "bench", "--yes", "--seconds", "0.1", "--login-time", "1ms", "--callers", "4",
        "--connections", "2",
    ]

    private func json(_ text: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(object as? [String: Any])
    }

    private func accounts(_ fixture: CommandLineFixture) throws -> String {
        let outcome = try fixture.run(["admin", "users", "list", "--json"])
        try #require(outcome.exitCode == 0, "\(outcome.errors)")
        return outcome.output
    }

    @Test func `bench measures every phase and leaves no account behind`() throws {
        let fixture = try CommandLineFixture()
        let outcome = try fixture.run(Self.short + ["--json"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        let report = try json(outcome.output)
        let daemon = try #require(report["daemon"] as? [String: Any])
        #expect(daemon["bcrypt_cost"] as? Int == 4)
        for (name, callers) in [
            ("round_trip", 1), ("lone_login", 1), ("logins", 4), ("verifications", 128),
        ] {
            let phase = try #require(daemon[name] as? [String: Any], "\(name)")
            #expect(phase["callers"] as? Int == callers)
            #expect(phase["failed"] as? Int == 0, "\(phase)")
            for figure in ["answered", "per_second", "median_microseconds", "p99_microseconds"] {
                #expect(try #require(phase[figure] as? Double, "\(name) \(figure)") > 0)
            }
        }
        let hashing = try #require(report["hashing"] as? [String: Any])
        let costs = try #require(hashing["costs"] as? [[String: Any]])
        #expect(costs.compactMap { $0["cost"] as? Int } == Array(10...16))
        #expect(costs.allSatisfy { ($0["per_second"] as? Double ?? 0) > 0 })
        let advice = try #require(report["recommendation"] as? [String: Any])
        #expect(advice["bcrypt_cost"] as? Int == 10 && advice["fits"] as? Bool == false)
        #expect(try accounts(fixture).isEmpty)
    }

    @Test func `bench prints a table after announcing the load and asking for confirmation`() throws
    {
        let fixture = try CommandLineFixture()
        let outcome = try fixture.run(Self.short)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("full load for about 6 s"))
        for words in ["lone login", "logins, 4 in flight", "VerifyToken", "AUTHD_BCRYPT_COST=10"] {
            #expect(outcome.output.contains(words))
        }
        #expect(!outcome.output.contains("no figure"), "\(outcome.output)")
        let unconfirmed = try fixture.converse("bench", prompt: "Continue? [y/N]", reply: "n")
        #expect(unconfirmed.exitCode == 2 && unconfirmed.output.contains("NOT_CONFIRMED"))
        #expect(try accounts(fixture).isEmpty)
    }

    @Test func `Without a daemon bench fails unless --local-only is given`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        #expect(try fixture.run(Self.short).exitCode == 3)
        let alone = try fixture.run(Self.short + ["--local-only", "--json"])
        #expect(alone.exitCode == 0, "\(alone.errors)")
        let report = try json(alone.output)
        #expect(report["daemon"] == nil && report["hashing"] != nil)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `bench deletes its accounts before it exits on a signal`(_ signal: Int32) throws {
        let fixture = try CommandLineFixture()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLineFixture.program("authctl"))
        process.arguments = ["bench", "--yes", "--seconds", "60", "--callers", "4"]
        process.environment = [
            "AUTHD_SOCKET": "unix:\(fixture.home)/s", "XDG_STATE_HOME": fixture.home + "/client",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = Date().addingTimeInterval(30)
        while try accounts(fixture).split(separator: "\n").count < 4 {
            try #require(Date() < deadline && process.isRunning, "it made no accounts")
        }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == signal)
        #expect(try accounts(fixture).isEmpty)
    }

    @Test func `A throttled caller gets no figures but the reason`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        try fixture.startDaemon([
            "AUTHD_ADMIN_UIDS": "65534", "AUTHD_CALLER_CALLS_PER_SECOND": "20",
        ])
        let outcome = try fixture.run(Self.short)
        #expect(outcome.exitCode == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("NOT_MEASURED"))
        #expect(outcome.output.contains("no figure"))
        #expect(outcome.output.contains("THROTTLED"))
        #expect(outcome.output.contains("calls_per_second"))
        fixture.killDaemon()
        try fixture.startDaemon()
        #expect(try accounts(fixture).isEmpty)
    }

    @Test func `A hash queue too short for the callers is named in the report`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        try fixture.startDaemon([
            "AUTHD_BCRYPT_COST": "8", "AUTHD_HASH_THREADS": "1", "AUTHD_HASH_QUEUE_MAX": "1",
        ])
        let outcome = try fixture.run(Self.short + ["--callers", "32", "--seconds", "1"])
        #expect(outcome.exitCode == 4, "\(outcome.errors)")
        #expect(outcome.output.contains("OVERLOADED"))
        #expect(outcome.output.contains("AUTHD_HASH_QUEUE_MAX"))
        #expect(try accounts(fixture).isEmpty)
    }

    @Test func `A caller that may not call DeleteUser creates no accounts`() throws {
        let fixture = try CommandLineFixture(startsDaemon: false)
        let rules = fixture.home + "/callers.yaml"
        let text = "callers:\n  - {name: us, uid: any, methods: [Register, Login, VerifyToken]}\n"
        _ = FileManager.default.createFile(
            atPath: rules, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        try fixture.startDaemon(["AUTHD_CALLERS_FILE": rules])
        let outcome = try fixture.run(Self.short)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("CALLER_NOT_ALLOWED"))
        #expect(outcome.errors.contains("DeleteUser"))
        fixture.killDaemon()
        try fixture.startDaemon()
        #expect(try accounts(fixture).isEmpty)
    }
}
