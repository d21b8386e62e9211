import AuthMessages
import Bytes
import Foundation
import ProtobufCodec
import TTRPC
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    /// What an operator does: start, stop, reload, misconfigure.
    struct OperationTests {
        private static let email = "op@example.org"
        private static let password = "saddle-quartz-45-reed"

        @Test
        func `SIGTERM finishes a running login, refuses new connections and removes the socket`()
            async throws
        {
            let port = try TCPPort()
            let home = try DaemonHome(["AUTHD_BCRYPT_COST": "13"], alsoListening: port.address)
            let process = try await home.start()
            #expect(try port.isListenedOn())
            let client = try home.client()
            try await client.register(OperationTests.email, OperationTests.password)
            await client.close()
            home.secrets.note(password: OperationTests.password)
            let login = try LoginRequest(OperationTests.email, OperationTests.password).encoded()

            let connection = try home.rawConnection()
            try await offPool {
                // The answer to the second says that the first has been read.
                try connection.send(
                    RawFrame.request("Login", login, streamID: 1) + RawFrame.health(streamID: 3))
                #expect(try connection.receive()?.header.streamID == 3)
            }
            process.signal(SIGTERM)
            try await eventually("new connections are refused") { () -> Void? in
                guard (try? home.rawConnection()) == nil else { return nil }
                return try port.isListenedOn() ? nil : ()
            }
            #expect(process.isRunning)
            let answer = try await offPool { try connection.receive() }
            #expect(answer?.header.streamID == 1)
            #expect(try #require(answer).refusal() == nil)
            #expect(try await offPool { try connection.receive() == nil })
            #expect(try await process.exit(within: .seconds(10)) == .code(0))
            #expect(!FileManager.default.fileExists(atPath: home.socketPath))
            try home.checkLog()
        }

        @Test
        func `SIGHUP publishes a new signing key, then signs with it, and old tokens stay valid`()
            async throws
        {
            let home = try DaemonHome()
            let (first, second) = (
                home.directory.path(of: "1.pem"), home.directory.path(of: "2.pem")
            )
            try OperationTests.write(OperationTests.oldKey, to: first)
            try OperationTests.write(OperationTests.oldKey, to: second)
            let process = try home.launch(changing: [
                "JWT_ALGORITHM": "ES256", "AUTHD_JWT_KEY_FILES": "\(first),\(second)",
            ])
            let client = try home.client()
            try await client.register(OperationTests.email, OperationTests.password)
            let old = try await client.login(OperationTests.email, OperationTests.password)
            let oldID = try OperationTests.keyID(of: old.access)
            #expect(try await OperationTests.publishedIDs(client) == [oldID])

            // Published, and not yet used.
            try OperationTests.write(OperationTests.newKey, to: second)
            process.signal(SIGHUP)
            let ids = try await eventually("two keys are published") {
                let ids = try await OperationTests.publishedIDs(client)
                return ids.count == 2 ? ids : nil
            }
            #expect(ids.contains(oldID))
            let between = try await client.login(OperationTests.email, OperationTests.password)
            #expect(try OperationTests.keyID(of: between.access) == oldID)

            // Moved to the front: it signs.
            try OperationTests.write(OperationTests.newKey, to: first)
            try OperationTests.write(OperationTests.oldKey, to: second)
            process.signal(SIGHUP)
            let new = try await eventually("the new key signs") {
                let login = try await client.login(OperationTests.email, OperationTests.password)
                return try OperationTests.keyID(of: login.access) == oldID ? nil : login
            }
            #expect(ids.contains(try OperationTests.keyID(of: new.access)))
            for login in [old, between, new] { try await client.verify(login.access) }

            // A file that can't be used changes nothing.
            try OperationTests.write("nonsense", to: first)
            process.signal(SIGHUP)
            try await eventually("the log tells of it") {
                try home.log().contains("reloading keys failed") ? () : nil
            }
            try await client.verify(new.access)
            await client.close()
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
            #expect(!(try home.log().contains("PRIVATE KEY")))
            try home.checkLog()
        }

        @Test
        func `The daemon refuses to start on a socket in use and replaces a stale one`()
            async throws
        {
            let home = try DaemonHome()
            let process = try await home.start()
            let rival = try DaemonHome(["AUTHD_LISTEN": "unix:\(home.socketPath)"])
            let loser = try rival.launch()
            #expect(try await loser.exit(within: .seconds(10)) == .code(1))
            let errors = try rival.log().split(separator: "\n").filter { $0.hasPrefix("authd: ") }
            #expect(errors.count == 1)
            #expect(errors.first?.contains(home.socketPath) == true)
            let client = try home.client()
            #expect(try await client.health())

            process.signal(SIGKILL)
            #expect(await process.exit() == .signal(SIGKILL))
            #expect(FileManager.default.fileExists(atPath: home.socketPath))
            let successor = try await home.start()
            #expect(try await client.health())
            await client.close()
            successor.signal(SIGTERM)
            #expect(try await successor.exit(within: .seconds(40)) == .code(0))
        }

        @Test(arguments: [
            ("AUTHD_BCRYPT_COST", "99"), ("JWT_SECRET", "too-short-7391"),
            ("AUTHD_LISTEN", "tcp:0.0.0.0:1"), ("JWT_ALGORITHM", "none"),
            ("AUTHD_SOCKET_MODE", "0999"), ("AUTHD_STALL_SECONDS", "-1"),
            ("AUTHD_BCRYPT_COSTS", "10"),
        ])
        func `An invalid setting stops startup with one line that names it`(
            name: String, value: String
        ) async throws {
            let home = try DaemonHome()
            let process = try home.launch(changing: [name: value])
            #expect(try await process.exit(within: .seconds(10)) == .code(64))
            let lines = try home.log().split(separator: "\n")
            #expect(lines.count == 1, "\(lines)")
            #expect(lines.first?.contains(name) == true, "\(lines)")
            #expect(name != "JWT_SECRET" || !lines.joined().contains(value))
        }

        @Test func `authd --check-config prints the settings without their secrets`() async throws {
            let home = try DaemonHome()
            let secrets = [
                "JWT_SECRET": "jwt-secret-0123456789-0123456789-0123456789",
                "ENCRYPTION_KEY": "encryption-key-0123456789-0123456789-01234",
                "SAS_TOKEN": "sv=2024&sig=c2lnbmF0dXJl",
            ]
            let process = try home.launch(["--check-config"], changing: secrets)
            #expect(try await process.exit(within: .seconds(10)) == .code(0))
            let log = try home.log()
            #expect(log.contains("AUTHD_BCRYPT_COST"))
            for (name, secret) in secrets {
                #expect(log.contains(name))
                #expect(!log.contains(secret))
            }
            #expect(!FileManager.default.fileExists(atPath: home.directory.path(of: "state")))
        }

        /// Puts a whole file in the place of another.
        private static func write(_ text: String, to path: String) throws {
            let new = path + ".new"
            try Data(text.utf8).write(to: URL(fileURLWithPath: new))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: new)
            guard rename(new, path) == 0 else { throw SystemFailure("rename") }
        }

        private struct KeyName: Decodable {
            let kid: String
        }

        private struct KeySet: Decodable {
            let keys: [KeyName]
        }

        private static func publishedIDs(_ client: TestClient) async throws -> Set<String> {
            let set = try JSONDecoder().decode(
                KeySet.self, from: Data(try await client.signingKeys().utf8))
            return Set(set.keys.map(\.kid))
        }

        /// The `kid` in the token's header.
        private static func keyID(of token: SecretBytes) throws -> String {
            var header = String(text(of: token).prefix { $0 != "." })
            header = header.replacingOccurrences(of: "-", with: "+")
                .replacingOccurrences(of: "_", with: "/")
            header += String(repeating: "=", count: (4 - header.count % 4) % 4)
            guard let data = Data(base64Encoded: header) else {
                throw TestFailure("the token's header is not Base64")
            }
            return try JSONDecoder().decode(KeyName.self, from: data).kid
        }

        // Made for these tests alone, with `openssl genpkey`.
        private static let oldKey = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBosTZIhpGE9Uf79P
            5EX5hXfnv1gplYnu3ptSa+kL/2ShRANCAATLTlYm53AmCitzpNqd3sQzDV7ME0l+
            qmdBgbSTRwP+RupPR4k5ixdden8iN6JL97H3yGQA4JPrkhdEqJ7r9/9A
            -----END PRIVATE KEY-----
            """
        private static let newKey = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYHUkHRaBMfb8d1Af
            /6M71D6qUBFz2YF+M0aSNbeWd3ShRANCAAT/egWsPFrHHX80+Wl1XYj5HSD2Bsbs
            ZaAnEvlMJ40Q04NoHnUJZ9gFcvOA2q/yJC3ow7P4KdeoWwa1Dw83cFwC
            -----END PRIVATE KEY-----
            """
    }
}
