import Bytes
import Foundation
import HTTPClient
import Storage
import StorageConformance
import Testing

@testable import AzureTableStore

/// The first of the environment's variables of these names that is set.
private func variable(_ names: String...) -> String? {
    names.lazy.compactMap { ProcessInfo.processInfo.environment[$0] }.first { !$0.isEmpty }
}

/// The contract on a real account, only when it is asked for: see README, "Azure Table Storage".
@Suite(.enabled(if: variable("AUTHD_AZURE_SMOKE") == "1", "needs AUTHD_AZURE_SMOKE=1"))
struct AzureSmokeTests {
    /// A store on that table of the account that the usual variables name.
    private static func store(_ table: String) async throws -> AzureTableStore {
        let secret = variable("SAS_TOKEN", "AZURE_TABLE_CONN_STRING")
        let store = AzureTableStore(
            account: try AzureAccount(
                endpoint: variable("ENDPOINT", "AZURE_TABLE_ENDPOINT"),
                secret: secret.map { SecretBytes(utf8: $0) },
                identity: .virtualMachine(clientID: nil)),
            table: table, createsTable: true, http: try HTTPClient(),
            environment: AzureFixture.environment)
        try await store.prepare()
        return store
    }

    /// Removes every entity of the table.
    private static func empty(_ store: AzureTableStore) async throws {
        var page = try await store.scan(after: nil, limit: 100)
        while true {
            for entity in page.entities {
                _ = try await store.transact(
                    partition: entity.key.partition, [.delete(entity.key, ifMatch: nil)])
            }
            guard let next = page.next else { return }
            page = try await store.scan(after: next, limit: 100)
        }
    }

    /// Removes the table; an account SAS without `d` leaves it empty instead.
    private static func remove(_ table: String) async throws {
        let store = try await store(table)
        try await empty(store)
        let request = TableRequest(.delete, "/Tables('\(table)')")
        do {
            _ = try await store.client.perform(request, isWrite: true) { Answer($0) }
        } catch {
            print("The empty table \(table) is left: \(error)")
        }
        await store.close()
    }

    @Test(.timeLimit(.minutes(30)))
    func `A real account fulfils the store contract`() async throws {
        let table = "Smoke" + Hex.encode((0..<8).map { _ in UInt8.random(in: 0...255) })
        for conformance in EntityStoreConformance.cases {
            do {
                try await conformance.run { try await AzureSmokeTests.store(table) }
            } catch {
                Issue.record("\(conformance): \(error)")
            }
            let store = try await AzureSmokeTests.store(table)
            try await AzureSmokeTests.empty(store)
            await store.close()
        }
        try await AzureSmokeTests.remove(table)
    }
}
