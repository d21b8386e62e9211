import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Settings that name files.
    struct FileSettingsTests {
        @Test(arguments: [
            (["AUTHD_CALLERS_FILE": "/nonexistent/f"], "AUTHD_CALLERS_FILE: /nonexistent/f: "),
            (
                ["JWT_ALGORITHM": "ES256", "AUTHD_JWT_KEY_FILES": "/nonexistent/f"],
                "AUTHD_JWT_KEY_FILES: /nonexistent/f: "
            ),
            (
                ["JWT_ALGORITHM": "ES256", "AUTHD_JWT_KEY_FILES": "/etc/passwd"],
                "AUTHD_JWT_KEY_FILES: /etc/passwd: "
            ),
            (
                ["AUTHD_BREACHED_PASSWORDS_FILE": "/nonexistent/f"],
                "AUTHD_BREACHED_PASSWORDS_FILE: /nonexistent/f: "
            ),
            (
                [
                    "AUTHD_STORE": "azure", "SAS_TOKEN": "sv=2021-12-02&sig=c2lnbmF0dXJl",
                    "ENDPOINT": "http://127.0.0.1:1/devstoreaccount1",
                    "AUTHD_AZURE_CA_FILE": "/etc/passwd",
                ], "AUTHD_AZURE_CA_FILE: /etc/passwd: "
            ),
            (["AUTHD_AUDIT": "file:/nonexistent/f"], "AUTHD_AUDIT: "),
            (["AUTHD_AUDIT": "file:/etc"], "AUTHD_AUDIT: "),
        ])
        func `An unusable file is reported with its setting by --check-config and at startup`(
            settings: [String: String], words: String
        ) async throws {
            let home = try DaemonHome()
            for arguments in [["--check-config"], []] {
                let process = try home.launch(arguments, changing: settings)
                #expect(try await process.exit(within: .seconds(20)) == .code(64))
                let line = try home.log().split(separator: "\n").last ?? ""
                #expect(line.hasPrefix("authd: \(words)"), "\(arguments): \(line)")
            }
        }

        @Test func `authd --check-config succeeds without creating the audit log file`()
            async throws
        {
            let home = try DaemonHome()
            let log = home.directory.path(of: "audit.log")
            let process = try home.launch(
                ["--check-config"], changing: ["AUTHD_AUDIT": "file:\(log)"])
            #expect(try await process.exit(within: .seconds(20)) == .code(0))
            #expect(!FileManager.default.fileExists(atPath: log))
        }
    }
}
