import AuthCore
import Logging
import Storage
import TestSupport
import Testing

@testable import AuthServer

/// The daemon's background task: it sweeps, and ends with the daemon.
@Suite struct SweepTaskTests {
    private static func sweeper(_ store: any EntityStore) -> SessionSweeper {
        SessionSweeper(
            store: store, policy: SessionPolicy(), interval: .seconds(86_400),
            pause: .milliseconds(10))
    }

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Polls until `condition` holds, a minute at most.
    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            await Task.yield()
        }
        return false
    }

    @Test func `Expired sessions are removed while the daemon runs`() async throws {
        let store = MemoryStore()
        // Its clock is years behind the daemon's.
        let past = TestClock()
        past.advance(by: .seconds(-3 * 365 * 86_400))
        let fixture = try AuthenticatorFixture(store: store, clock: past)
        let tokens = try await fixture.login()
        let partition = AccountPartition(email: "ada@example.com").name
        let key = EntityKey(partition: partition, row: "s_" + tokens.sessionID)
        #expect(try await store.get(key) != nil)
        let task = SweepTask(Self.sweeper(store), logger: logger, startPause: .zero)
        #expect(try await eventually { try await store.get(key) == nil })
        await task.stop()
        #expect(try await store.get(EntityKey(partition: partition, row: "account")) != nil)
    }

    @Test func `The sweep task stops at once, although the next sweep is a day away`() async throws
    {
        let store = MemoryStore()
        let lease = EntityKey(partition: "authd_sweep", row: "lease")
        let task = SweepTask(Self.sweeper(store), logger: logger, startPause: .zero)
        #expect(try await eventually { try await store.get(lease) != nil })
        let start = ContinuousClock.now
        await task.stop()
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `A failing store does not keep the sweep task from stopping`() async throws {
        let store = CountingStore(StoppingStore(MemoryStore(), after: 0))
        let task = SweepTask(Self.sweeper(store), logger: logger, startPause: .zero)
        #expect(try await eventually { store.callCount > 0 })
        await task.stop()
    }
}
