import AzureTableStore
import Bytes
import Foundation
import HTTPClient
import Storage
import Synchronization
import TableEmulatorControl
import Testing

/// Each way to get in, and what operators are told when one does not.
@Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
struct CredentialTests {
    private let key = EntityKey(partition: "p", row: "a")

    private func write(_ store: AzureTableStore) async throws {
        let etag = try await store.transact(partition: "p", [.insert(key, ["v": .int64(1)])])[0]
        _ = try await store.transact(
            partition: "p",
            [
                .replace(key, [:], ifMatch: try #require(etag)),
                .insert(EntityKey(partition: "p", row: "b"), [:]),
            ])
        #expect(try await store.query(partition: "p", rowPrefix: "", limit: 9).count == 2)
        _ = try await store.transact(partition: "p", [.delete(key, ifMatch: nil)])
    }

    @Test
    func `An account SAS can create the table and perform every operation`() async throws {
        let emulator = try await TableEmulator.shared()
        let token = try await emulator.signature([
            "ss": "t", "srt": "co", "sp": "raudc", "se": "2100-01-01T00:00:00Z",
        ])
        let fixture = try await AzureFixture(on: emulator, secret: "?" + token)
        try await write(fixture.store)
        await fixture.store.close()
    }

    @Test
    func `A table SAS is sufficient if the table exists, and cannot create it`() async throws {
        let emulator = try await TableEmulator.shared()
        let table = TableEmulator.freshTable()
        let token = try await emulator.signature([
            "tn": table, "sp": "raud", "se": "2100-01-01T00:00:00Z",
        ])
        await #expect {
            _ = try await AzureFixture(on: emulator, table: table, secret: token)
        } throws: { "\($0)".contains("Azure table \(table)") }
        try await emulator.call(.post, "/tables", ["table": table])
        let fixture = try await AzureFixture(on: emulator, table: table, secret: token)
        try await write(fixture.store)
        await fixture.store.close()
    }

    @Test
    func `A missing table is not created if that is disabled`() async throws {
        await #expect {
            _ = try await AzureFixture(createsTable: false)
        } throws: { "\($0)".contains("AUTHD_AZURE_CREATE_TABLE") }
    }

    @Test(arguments: [
        (["srt": "co", "sp": "raudc", "se": "2020-01-01T00:00:00Z"], "expired at 2020"),
        (["srt": "c", "sp": "raudc", "se": "2100-01-01T00:00:00Z"], "srt=o"),
        (["srt": "co", "sp": "c", "se": "2100-01-01T00:00:00Z"], "sp with r, a, u and d"),
    ])
    func `An insufficient or expired SAS stops startup with the reason`(
        _ fields: [String: String], _ words: String
    ) async throws {
        let emulator = try await TableEmulator.shared()
        let token = try await emulator.signature(["ss": "t"].merging(fields) { $1 })
        await #expect {
            _ = try await AzureFixture(on: emulator, secret: token)
        } throws: { error in
            if !"\(error)".contains(words) { Issue.record(error) }
            return !"\(error)".contains("sig=")
        }
    }

    @Test
    func `An account key with one wrong character stops startup`() async throws {
        var wrong = Array(AzureFixture.developmentKey)
        wrong[3] = wrong[3] == "A" ? "B" : "A"
        let secret = "AccountName=\(TableEmulator.account);AccountKey=\(String(wrong))"
        await #expect {
            _ = try await AzureFixture(secret: secret)
        } throws: { "\($0)".contains("AuthenticationFailed") && !"\($0)".contains(String(wrong)) }
    }

    @Test
    func `A clock skew is reported with its size`() async throws {
        let environment = AzureEnvironment(
            now: { AzureFixture.now().advanced(by: .seconds(1_800)) },
            readFile: { .unreadable($0) }, notify: { _ in })
        await #expect {
            _ = try await AzureFixture(environment: environment)
        } throws: { error in
            let seconds = (1_798...1_802).contains { "\(error)".contains("\($0) s apart") }
            return seconds && "\(error)".contains("correct this machine")
        }
    }

    @Test
    func `A new SAS for the same account replaces an expired one`() async throws {
        let emulator = try await TableEmulator.start()
        let fields = ["ss": "t", "srt": "co", "sp": "raudc", "se": "2100-01-01T00:00:00Z"]
        let fixture = try await AzureFixture(
            on: emulator, secret: try await emulator.signature(fields))
        try await emulator.call(.post, "/sas/expire")
        await #expect {
            try await fixture.store.checkHealth()
        } throws: { "\($0)".contains("AuthenticationFailed") }
        let fresh = try await emulator.signature(
            fields.merging(["se": "2100-01-02T00:00:00Z"]) { $1 })
        try await fixture.store.replaceCredential(
            try AzureAccount(
                endpoint: emulator.endpoint, secret: SecretBytes(utf8: fresh),
                identity: .virtualMachine(clientID: nil)))
        try await write(fixture.store)
        await #expect(throws: AzureConfigurationError.self) {
            try await fixture.store.replaceCredential(
                try AzureAccount(
                    endpoint: "https://other.table.core.windows.net",
                    secret: SecretBytes(utf8: fresh), identity: .virtualMachine(clientID: nil)))
        }
        await fixture.store.close()
        await emulator.stop()
    }

    // MARK: - Identities, which need TLS

    /// A certificate for 127.0.0.1, signed by itself.
    private func makeCertificate() throws -> (certificate: String, key: String) {
        let stem = FileManager.default.temporaryDirectory.path + "/azure-\(UUID().uuidString)"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", stem + ".key", "-out", stem + ".pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return (stem + ".pem", stem + ".key")
    }

    private func store(
        _ emulator: TableEmulator, _ identity: AzureIdentity, authorities: String?,
        assertion: String = "emulated.federated.token"
    ) throws -> AzureTableStore {
        var options = HTTPClientOptions()
        options.authoritiesFile = authorities
        var environment = AzureFixture.environment
        environment.readFile = { path in
            path == "token" ? .content(SecretBytes(utf8: assertion)) : .unreadable(path)
        }
        return AzureTableStore(
            account: try AzureAccount(
                endpoint: "https://127.0.0.1:\(emulator.port)/\(TableEmulator.account)",
                secret: nil, identity: identity),
            table: TableEmulator.freshTable(), createsTable: true,
            http: try HTTPClient(options), environment: environment)
    }

    @Test
    func `An identity token opens the table, is cached, and is renewed when refused`()
        async throws
    {
        let files = try makeCertificate()
        let emulator = try await TableEmulator.start([
            "--certificate", files.certificate, "--certificate-key", files.key,
        ])
        try await emulator.call(.post, "/identity", ["failures": [503, 429]])
        let address = "http://127.0.0.1:\(emulator.identityPort)"
        let told = try await emulator.call(.get, "/identity")
        let identities: [AzureIdentity] = [
            .appService(
                endpoint: address + "/msi/token",
                header: SecretBytes(utf8: "emulated-identity-header"), clientID: nil),
            .workload(
                tenantID: try #require(told["tenant"] as? String),
                clientID: try #require(told["client_id"] as? String), tokenFile: "token",
                authority: address),
        ]
        for identity in identities {
            let before = try await requests(emulator)
            let store = try store(emulator, identity, authorities: files.certificate)
            try await store.prepare()
            try await write(store)
            let after = try await requests(emulator)
            #expect(after - before == (identity == identities[0] ? 3 : 1))
            try await emulator.call(.delete, "/tokens")
            try await store.checkHealth()
            #expect(try await requests(emulator) == after + 1)
            await store.close()
        }
        await emulator.stop()
    }

    private func requests(_ emulator: TableEmulator) async throws -> Int {
        (try await emulator.call(.get, "/identity")["requests"] as? [Any] ?? []).count
    }

    @Test
    func `A certificate from an untrusted authority stops startup`() async throws {
        let files = try makeCertificate()
        let emulator = try await TableEmulator.start([
            "--certificate", files.certificate, "--certificate-key", files.key,
        ])
        let identity = AzureIdentity.appService(
            endpoint: "http://127.0.0.1:\(emulator.identityPort)/msi/token",
            header: SecretBytes(utf8: "emulated-identity-header"), clientID: nil)
        let store = try store(emulator, identity, authorities: nil)
        await #expect {
            try await store.prepare()
        } throws: { "\($0)".contains("AUTHD_AZURE_CA_FILE") }
        await store.close()
        await emulator.stop()
    }
}
