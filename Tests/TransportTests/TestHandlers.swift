import Bytes
import DispatchBridge
import Synchronization
import TTRPC

/// The service `t.Test`.
///
/// - `Echo` answers in place, `Later` after a suspension.
/// - `Hold` waits until the test releases the call named by its payload, or it is cancelled.
/// - `Stubborn` waits for its release and does not notice cancellation.
/// - `Large` answers with 100,000 bytes, `Huge` with more than a frame may have.
/// - `Costly` takes eight milliseconds of the loop, in place where its payload is not empty.
/// - `Fail` fails with a detail, `Peer` tells who calls.
final class TestHandlers: Sendable {
    private struct State {
        var holding: [[UInt8]: Promise<Bool>] = [:]
        var holdingMax = 0
        var cancelled = 0
        var largeCalls = 0
        var costlyCalls = 0
    }

    private let state = Mutex(State())

    var holdingCount: Int { state.withLock { $0.holding.count } }
    var holdingMax: Int { state.withLock { $0.holdingMax } }
    var cancelledCount: Int { state.withLock { $0.cancelled } }
    var largeCallCount: Int { state.withLock { $0.largeCalls } }

    var costlyCallCount: Int { state.withLock { $0.costlyCalls } }

    private func spin() {
        let end = ContinuousClock.now + .milliseconds(8)
        while ContinuousClock.now < end {}
        state.withLock { $0.costlyCalls += 1 }
    }

    /// Lets a held call answer; false when it is not there.
    @discardableResult
    func release(_ name: [UInt8]) -> Bool {
        state.withLock { $0.holding.removeValue(forKey: name) }?.fulfil(true) ?? false
    }

    func releaseAll() {
        for name in state.withLock({ Array($0.holding.keys) }) { release(name) }
    }

    var service: RPCService {
        RPCService(
            name: "t.Test",
            methods: [
                RPCMethod(
                    "Echo",
                    inPlace: { (_, payload) throws(RPCError) in
                        .answered(SecretBytes(copying: payload))
                    },
                    suspending: { (_, payload) async throws(RPCError) in payload }),
                RPCMethod(
                    "HandOn",
                    inPlace: { (_, payload) throws(RPCError) in
                        let found = SecretBytes(payload.reversed())
                        return .continues { (_, _) async throws(RPCError) in found }
                    },
                    suspending: { (_, payload) async throws(RPCError) in payload }),
                RPCMethod("Later") { (_, payload) async throws(RPCError) in
                    await Task.yield()
                    return payload
                },
                RPCMethod("Hold") { [self] (_, payload) async throws(RPCError) in
                    try await hold(payload, noticesCancellation: true)
                },
                RPCMethod("Stubborn") { [self] (_, payload) async throws(RPCError) in
                    try await hold(payload, noticesCancellation: false)
                },
                RPCMethod(
                    "Large",
                    inPlace: { [self] (_, _) throws(RPCError) in
                        state.withLock { $0.largeCalls += 1 }
                        return .answered(SecretBytes(repeatElement(7, count: 100_000)))
                    }, suspending: { (_, payload) async throws(RPCError) in payload }),
                RPCMethod(
                    "Costly",
                    inPlace: { [self] (_, payload) throws(RPCError) in
                        guard !payload.isEmpty else { return .suspends }
                        spin()
                        return .answered(SecretBytes(copying: payload))
                    },
                    suspending: { [self] (_, payload) async throws(RPCError) in
                        spin()
                        return payload
                    }),
                RPCMethod("Huge") { (_, _) async throws(RPCError) in
                    SecretBytes(repeatElement(7, count: 4 << 20))
                },
                RPCMethod("Fail") { (_, _) async throws(RPCError) in
                    throw RPCError(
                        .aborted, "as asked",
                        details: [StatusDetail(typeURL: "t/Detail", value: [1, 2])])
                },
                RPCMethod("Peer") { (context, _) async throws(RPCError) in
                    SecretBytes(utf8: context.peer.description)
                },
            ])
    }

    private func hold(
        _ payload: SecretBytes, noticesCancellation: Bool
    ) async throws(RPCError) -> SecretBytes {
        let name = payload.withUnsafeBytes { Array($0) }
        let released = Promise<Bool>()
        state.withLock { state in
            state.holding[name] = released
            state.holdingMax = max(state.holdingMax, state.holding.count)
        }
        let isReleased =
            if noticesCancellation {
                await released.value { released.fulfil(false) }
            } else {
                await released.value()
            }
        guard isReleased else {
            state.withLock { state in
                state.holding[name] = nil
                state.cancelled += 1
            }
            throw RPCError(.cancelled, "cancelled")
        }
        return payload
    }
}
