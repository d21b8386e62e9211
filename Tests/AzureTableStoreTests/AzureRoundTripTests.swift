import AzureTableStore
import Storage
import TableEmulatorControl
import TestSupport
import Testing

@Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
struct AzureRoundTripTests {
    @Test
    func `Every operation takes the documented number of round trips on Azure`() async throws {
        let fixture = try await AzureFixture()
        try await RoundTripCost.expectPromises(on: fixture.store)
        await fixture.store.close()
    }

    @Test(arguments: ["not-a-place", "1!8!bm90LWEtcGxhY2U-/x"])
    func `A continuation the service rejects is reported as corrupt, not as unavailable`(
        _ place: String
    ) async throws {
        let fixture = try await AzureFixture()
        let error = await #expect(throws: StoreError.self) {
            _ = try await fixture.store.scan(
                after: EntityContinuation(place.replacing("!", with: "%21")), limit: 10)
        }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try await fixture.store.checkHealth()
        await fixture.store.close()
    }
}
