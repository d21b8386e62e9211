import AzureTableStore
import Bytes
import Foundation
import HTTPClient
import Storage
import TableEmulatorControl
import Testing

/// A store on a table of its own in the emulator.
struct AzureFixture {
    let emulator: TableEmulator
    let table: String
    let store: AzureTableStore

    static let developmentKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

    /// Time and chance of the machine.
    static let environment = AzureEnvironment(
        now: { now() }, readFile: { .unreadable("\($0): no files here") }, notify: { _ in })

    static func now() -> Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    /// A store that is ready. Without an emulator it is on the shared one, without a table on a fresh
    /// one; `secret` is as SAS_TOKEN, or the account's key.
    ///
    /// - Throws: `StoreError`, `EmulatorError`.
    init(
        on emulator: TableEmulator? = nil, table: String? = nil, secret: String? = nil,
        createsTable: Bool = true, http: (any HTTPSending)? = nil,
        environment: AzureEnvironment = environment
    ) async throws {
        if let emulator {
            self.emulator = emulator
        } else {
            self.emulator = try await TableEmulator.shared()
        }
        self.table = table ?? TableEmulator.freshTable()
        let key = "AccountName=\(TableEmulator.account);AccountKey=\(AzureFixture.developmentKey)"
        store = AzureTableStore(
            account: try AzureAccount(
                endpoint: self.emulator.endpoint, secret: SecretBytes(utf8: secret ?? key),
                identity: .virtualMachine(clientID: nil)),
            table: self.table, createsTable: createsTable, http: try http ?? HTTPClient(),
            environment: environment)
        try await store.prepare()
    }
}
