import AzureTableStore
import Storage
import TableEmulatorControl
import TestSupport
import Testing

@Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
struct AzureRoundTripTests {
    @Test
    func `Every operation costs the round trips that are promised, on Azure too`() async throws {
        let fixture = try await AzureFixture()
        try await RoundTripCost.expectPromises(on: fixture.store)
        await fixture.store.close()
    }
}
