import DispatchBridge
import Testing

struct PromiseTests {
    @Test
    func `Only the first value counts, and all waiters get it`() async throws {
        let promise = Promise<Int>()
        async let plain = promise.value()
        async let patient = promise.value(until: nil)
        async let timely = promise.value(until: .now + .seconds(60))
        #expect(promise.fulfil(1))
        #expect(!promise.fulfil(2))
        #expect(try await [plain, patient, timely] == [1, 1, 1])
        // Who comes later does not wait, not even when it is late.
        #expect(try await promise.value(until: .now - .seconds(1)) == 1)
    }

    @Test
    func `A waiter whose deadline passes gives up, and the others keep waiting`() async throws {
        let promise = Promise<Int>()
        async let patient = promise.value(until: nil)
        await #expect(throws: PromiseWaitError.deadlineExceeded) {
            try await promise.value(until: .now + .milliseconds(1))
        }
        promise.fulfil(1)
        #expect(try await patient == 1)
    }

    @Test
    func `A cancelled waiter gives up`() async {
        let promise = Promise<Int>()
        let waiting = Task { try await promise.value(until: nil) }
        waiting.cancel()
        await #expect(throws: PromiseWaitError.cancelled) { try await waiting.value }
        #expect(promise.fulfil(1))
    }
}
