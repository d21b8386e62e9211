import DispatchBridge
import Synchronization
import Testing

@testable import AuthCore

/// Work on many accounts, on a loop that others need too.
@Suite struct PortionsTests {
    /// Somebody who wants a turn of the loop again and again, and counts them.
    private final class Ticker: Sendable {
        let count = Atomic<Int>(0)
        private let isOver = Atomic<Bool>(false)

        func start(on loop: EventLoop) {
            loop.execute {
                guard !self.isOver.load(ordering: .relaxed) else { return }
                self.count.add(1, ordering: .relaxed)
                self.start(on: loop)
            }
        }

        func stop() { isOver.store(true, ordering: .relaxed) }
    }

    @Test func `Others on the loop have a turn after every 64 steps`() async throws {
        let loop = try EventLoop(label: "authd.test.portions")
        let ticker = Ticker()
        ticker.start(on: loop)
        let turns = await Task(executorPreference: loop) {
            var portions = Portions()
            var turns: Set<Int> = []
            for _ in 0..<640 {
                await portions.step()
                turns.insert(ticker.count.load(ordering: .relaxed))
            }
            return turns.count
        }.value
        ticker.stop()
        #expect(turns == 11)
        await loop.shutdown()
    }
}
