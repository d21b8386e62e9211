import AzureTableStore
import Storage
import StorageConformance
import TableEmulatorControl
import Testing

@Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
struct AzureTableStoreConformanceTests {
    @Test(arguments: EntityStoreConformance.cases)
    func `The Azure store fulfils the store contract`(_ conformance: EntityStoreCase) async throws {
        let emulator = try await TableEmulator.shared()
        try await conformance.run { try await AzureFixture(on: emulator).store }
    }

    /// On an emulator of its own: tests of faults and of wrong credentials do what nobody should.
    @Test
    func `The client sends no request that violates the emulator's rules`() async throws {
        let emulator = try await TableEmulator.start()
        for (index, conformance) in EntityStoreConformance.cases.enumerated()
        where index.isMultiple(of: 3) {
            try await conformance.run { try await AzureFixture(on: emulator).store }
        }
        #expect(try await emulator.violations() == [])
        await emulator.stop()
    }
}
