import CEpoll
import Clocks
import Dispatch
import Glibc
import TestSupport
import Testing

@testable import DispatchBridge

struct EventLoopTests {
    /// Reads what comes and tells.
    /// `@unchecked Sendable`: made and called on the loop only.
    private final class Reader: EventHandler, @unchecked Sendable {
        private let onReady: (IOEvents) -> Void
        var turnsEnded = 0

        init(_ onReady: @escaping (IOEvents) -> Void) {
            self.onReady = onReady
        }

        func ready(_ events: IOEvents) { onReady(events) }
        func turnEnded() { turnsEnded += 1 }
    }

    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(label: "test")
        try await body(loop)
        await loop.shutdown()
    }

    /// Runs `body` on the loop and gives back its value.
    private func on<Value: Sendable>(
        _ loop: EventLoop, _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        let promise = Promise<Value>()
        loop.execute { promise.fulfil(body()) }
        return await promise.value()
    }

    private func socketPair() -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        socketpair(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &pair)
        return (pair[0], pair[1])
    }

    @Test
    func `Work runs on the loop in the order it came`() async throws {
        try await withLoop { loop in
            #expect(!loop.isOnLoop)
            let seen = Shared<[Int]>([])
            for number in 0..<1000 {
                loop.execute { seen.withLock { $0.append(loop.isOnLoop ? number : -1) } }
            }
            _ = await on(loop) { true }
            #expect(seen.current == Array(0..<1000))
        }
    }

    @Test
    func `Tasks that prefer the loop as their executor always resume on it`() async throws {
        try await withLoop { loop in
            let task = Task(executorPreference: loop) {
                var places = [loop.isOnLoop]
                for _ in 0..<100 {
                    await Task.yield()
                    places.append(loop.isOnLoop)
                }
                // Resumed by a thread of the global executor.
                await Task.detached {}.value
                places.append(loop.isOnLoop)
                return places
            }
            let places = await task.value
            #expect(places.count == 102 && places.allSatisfy { $0 })
        }
    }

    @Test
    func `A thousand tasks from many threads all end`() async throws {
        try await withLoop { loop in
            let sum = await withTaskGroup(of: Int.self) { group in
                for number in 0..<1000 {
                    group.addTask(executorPreference: loop) {
                        await Task.yield()
                        return number
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(sum == 499_500)
        }
    }

    @Test
    func `A ready descriptor is reported until it is read`() async throws {
        try await withLoop { loop in
            let (ours, theirs) = socketPair()
            defer {
                close(ours)
                close(theirs)
            }
            let done = Promise<Int>()
            loop.execute {
                var wakes = 0
                let reader = Reader { events in
                    #expect(events.contains(.readable))
                    wakes += 1
                    guard wakes == 3 else { return }
                    var byte: UInt8 = 0
                    read(ours, &byte, 1)
                    done.fulfil(wakes)
                }
                _ = try? loop.register(ours, events: .readable, handler: reader)
            }
            write(theirs, "x", 1)
            #expect(await done.value() == 3)
        }
    }

    @Test
    func `An event of a descriptor that was unregistered in the same batch is dropped`()
        async throws
    {
        try await withLoop { loop in
            let first = socketPair()
            let second = socketPair()
            let quiet = socketPair()
            defer {
                for pair in [first, second, quiet] {
                    close(pair.0)
                    close(pair.1)
                }
            }
            write(first.1, "x", 1)
            write(second.1, "x", 1)
            let calls = await on(loop) { [first, second, quiet] in
                let calls = Counter()
                let registrations = Registrations()
                for descriptor in [first.0, second.0] {
                    // Whoever comes first removes both; others, with nothing to read, take the slots.
                    let reader = Reader { _ in
                        calls.value += 1
                        for registration in registrations.all { loop.unregister(registration) }
                        registrations.all = []
                        for idle in [quiet.0, quiet.1] {
                            let other = Reader { _ in calls.value += 1 }
                            _ = try? loop.register(idle, events: .readable, handler: other)
                        }
                    }
                    if let registration = try? loop.register(
                        descriptor, events: .readable, handler: reader)
                    {
                        registrations.all.append(registration)
                    }
                }
                return calls
            }
            // Two turns later both would have been called.
            for _ in 0..<3 { _ = await on(loop) { true } }
            #expect(await on(loop) { calls.value } == 1)
        }
    }

    /// `@unchecked Sendable`, as below: touched on the loop only.
    private final class Counter: @unchecked Sendable { var value = 0 }
    private final class Registrations: @unchecked Sendable { var all: [EventRegistration] = [] }

    @Test
    func `The time is constant within a turn and advances for a later turn`() async throws {
        try await withLoop { loop in
            let before = BootTime.now
            let (first, again, reached) = await on(loop) {
                let first = loop.turnStartedAt
                while BootTime.now == first {}
                return (first, loop.turnStartedAt, BootTime.now)
            }
            #expect(before <= first && first == again && again < reached)
            let next = await on(loop) { loop.turnStartedAt }
            #expect(next >= reached)
        }
    }

    @Test
    func `Timers fire in the order of their time, and cancelled ones do not`() async throws {
        try await withLoop { loop in
            let fired = Shared<[Int]>([])
            let done = Promise<Void>()
            loop.execute {
                var tokens: [TimerToken] = []
                for number in [5, 1, 4, 2, 3, 0] {
                    tokens.append(
                        loop.schedule(after: .milliseconds(number * 3)) {
                            fired.withLock { $0.append(number) }
                        })
                }
                loop.cancel(tokens[2])
                loop.cancel(tokens[2])
                _ = loop.schedule(after: .milliseconds(20)) { done.fulfil(()) }
                _ = loop.schedule(after: .seconds(Int64.max)) { Issue.record("never") }
                #expect(loop.timerCount == 7)
            }
            await done.value()
            #expect(fired.current == [0, 1, 2, 3, 5])
        }
    }

    @Test
    func `A heap of timers stays sorted under removals`() {
        var heap = TimerHeap()
        var timers: [TimerToken] = []
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<500 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let timer = TimerToken(deadline: state % 1000) {}
            timers.append(timer)
            heap.insert(timer)
        }
        for (index, timer) in timers.enumerated() where index.isMultiple(of: 3) {
            heap.remove(timer)
            heap.remove(timer)
        }
        let expected = timers.enumerated().filter { !$0.offset.isMultiple(of: 3) }
            .map(\.element.deadline).sorted()
        var taken: [UInt64] = []
        while let first = heap.first {
            taken.append(first.deadline)
            heap.remove(first)
        }
        #expect(taken == expected)
    }

    @Test
    func `Each request for an end-of-turn notification is answered once`() async throws {
        try await withLoop { loop in
            let told = Promise<Int>()
            loop.execute {
                let reader = Reader { _ in }
                loop.notifyAtEndOfTurn(reader)
                loop.execute { told.fulfil(reader.turnsEnded) }
            }
            #expect(await told.value() == 1)
        }
    }

    @Test
    func `Work that takes many turns is finished in order, including work submitted meanwhile`()
        async throws
    {
        try await withLoop { loop in
            let done = Shared<[Int]>([])
            let ended = Promise<Void>()
            @Sendable func work(_ number: Int) {
                let end = ContinuousClock.now + .milliseconds(3)
                while .now < end {}
                done.withLock { $0.append(number) }
            }
            for number in 0..<10 {
                loop.execute {
                    work(number)
                    guard number == 5 else { return }
                    // From another thread, while there is a rest.
                    DispatchQueue.global().async {
                        loop.execute { work(10) }
                        loop.execute {
                            work(11)
                            ended.fulfil(())
                        }
                    }
                }
            }
            await ended.value()
            #expect(done.current == Array(0..<12))
        }
    }

    @Test
    func `Work and tasks submitted after shutdown still run`() async throws {
        let loop = try EventLoop(label: "test")
        await loop.shutdown()
        #expect(await on(loop) { loop.isOnLoop })
        let task = Task(executorPreference: loop) {
            await Task.yield()
            return loop.isOnLoop
        }
        #expect(await task.value)
    }

    @Test
    func `A loop that was shut down refuses registrations`() async throws {
        let loop = try EventLoop(label: "test")
        await loop.shutdown()
        await #expect(throws: EventLoopError.self) {
            try await refusedRegistration(loop)
        }
    }

    private func refusedRegistration(_ loop: EventLoop) async throws {
        let result = Promise<Result<Void, EventLoopError>>()
        loop.execute {
            do throws(EventLoopError) {
                _ = try loop.register(0, events: .readable, handler: Reader { _ in })
                result.fulfil(.success(()))
            } catch {
                result.fulfil(.failure(error))
            }
        }
        try await result.value().get()
    }

    @Test
    func `A descriptor closed by a library is released, and its number can be registered again`()
        async throws
    {
        try await withLoop { loop in
            let told = Promise<Bool>()
            let (closed, peer) = socketPair()
            let seen = await on(loop) { () -> [Bool] in
                guard
                    let first = try? loop.register(
                        closed, events: .readable, handler: Reader { _ in })
                else { return [] }
                var seen = [loop.modifyIfOpen(first, events: .writable)]
                close(closed)
                seen.append(loop.modifyIfOpen(first, events: .readable))
                seen.append(loop.unregisterIfOpen(first))
                // A second time it is nobody's, and nothing to complain about.
                seen.append(loop.unregisterIfOpen(first))
                guard dup2(peer, closed) == closed,
                    (try? loop.register(
                        closed, events: .writable, handler: Reader { _ in told.fulfil(true) }))
                        != nil
                else { return [] }
                return seen
            }
            #expect(seen == [true, false, false, true])
            #expect(await told.value())
            close(peer)
            close(closed)
        }
    }
}
