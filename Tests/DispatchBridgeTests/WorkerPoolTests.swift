import CEpoll
import Dispatch
import TestSupport
import Testing

@testable import DispatchBridge

struct WorkerPoolTests {
    /// Keeps a pool's only thread busy until it is opened.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        let entered = Promise<Void>()

        func hold() {
            entered.fulfil(())
            semaphore.wait()
        }

        func open() {
            semaphore.signal()
        }
    }

    /// Waits until `pool` has `depth` jobs queued.
    private func untilQueued(_ depth: Int, _ pool: WorkerPool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while pool.queueDepth != depth {
            try #require(ContinuousClock.now < deadline, "the queue never got there")
            await Task.yield()
        }
    }

    private func outcome<T: Sendable>(
        _ pool: WorkerPool, deadline: ContinuousClock.Instant? = nil,
        _ work: @escaping @Sendable () -> T
    ) async -> Result<T, WorkerPoolError> {
        do throws(WorkerPoolError) {
            return .success(try await pool.run(deadline: deadline, work))
        } catch {
            return .failure(error)
        }
    }

    @Test
    func `Work runs on a thread of lower priority and returns its value`() async throws {
        let pool = WorkerPool(threadCount: 2, queueCountMax: 4)
        let mine = cepoll_thread_nice()
        let theirs = try await pool.run { cepoll_thread_nice() }
        #expect(theirs == 19 && theirs >= mine)
        #expect(pool.threadCount == 2)
        await pool.shutDown()
    }

    @Test
    func `Queued jobs without a near deadline run in order of arrival`() async throws {
        let pool = WorkerPool(threadCount: 1, queueCountMax: 10)
        let gate = Gate()
        async let held: Void? = try? pool.run { gate.hold() }
        await gate.entered.value()
        // A test that fails must not leave the thread waiting.
        defer { gate.open() }
        let order = Shared<[String]>([])
        let now = ContinuousClock.now
        let jobs: [(String, ContinuousClock.Instant?)] = [
            ("none 1", nil), ("late", now + .seconds(200)), ("none 2", nil),
            ("soon 1", now + .seconds(100)), ("soon 2", now + .seconds(100)),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, (name, deadline)) in jobs.enumerated() {
                group.addTask {
                    try await pool.run(deadline: deadline) {
                        order.withLock { $0.append(name) }
                    }
                }
                try await untilQueued(index + 1, pool)
            }
            gate.open()
            try await group.waitForAll()
        }
        await held
        #expect(order.current == jobs.map(\.0))
        await pool.shutDown()
    }

    @Test
    func `A full queue refuses at once, and a cancelled job leaves it and never starts`()
        async throws
    {
        let pool = WorkerPool(threadCount: 1, queueCountMax: 2)
        let gate = Gate()
        async let held: Void? = try? pool.run { gate.hold() }
        await gate.entered.value()
        // A test that fails must not leave the thread waiting.
        defer { gate.open() }
        let started = Shared<[Int]>([])
        let first = Task { await outcome(pool) { started.withLock { $0.append(1) } } }
        try await untilQueued(1, pool)
        let second = Task { await outcome(pool) { started.withLock { $0.append(2) } } }
        try await untilQueued(2, pool)
        guard case .failure(.queueFull) = await outcome(pool, { 3 }) else {
            Issue.record("the third job should have been refused")
            return
        }
        first.cancel()
        guard case .failure(.cancelled) = await first.value else {
            Issue.record("the first job should have been cancelled")
            return
        }
        #expect(pool.queueDepth == 1)
        gate.open()
        _ = await second.value
        await held
        #expect(started.current == [2])
        await pool.shutDown()
    }

    @Test
    func `A job whose deadline passes in the queue never starts`() async throws {
        let pool = WorkerPool(threadCount: 1, queueCountMax: 1)
        let gate = Gate()
        async let held: Void? = try? pool.run { gate.hold() }
        await gate.entered.value()
        // A test that fails must not leave the thread waiting.
        defer { gate.open() }
        // On a busy machine a deadline may pass before the queue is reached: then a later one.
        var budget: Duration = .milliseconds(100)
        var deadline: ContinuousClock.Instant
        var late: Task<Result<Bool, WorkerPoolError>, Never>
        repeat {
            budget *= 2
            let end = ContinuousClock.now + budget
            deadline = end
            late = Task { await outcome(pool, deadline: end) { true } }
            while pool.queueDepth == 0, ContinuousClock.now <= end { await Task.yield() }
        } while pool.queueDepth == 0 && budget < .seconds(20)
        try #require(pool.queueDepth == 1)
        while ContinuousClock.now <= deadline { await Task.yield() }
        // The queue is full of what is too late: that makes room.
        let next = Task { await outcome(pool) { true } }
        guard case .failure(.deadlineExceeded) = await late.value else {
            Issue.record("the late job should have been refused")
            return
        }
        gate.open()
        #expect(try await next.value.get())
        await held
        let past = await outcome(pool, deadline: ContinuousClock.now - .seconds(1)) { true }
        #expect(throws: WorkerPoolError.deadlineExceeded) { try past.get() }
        await pool.shutDown()
    }

    @Test
    func `A job that is cancelled while it runs still returns its value`() async throws {
        let pool = WorkerPool(threadCount: 1, queueCountMax: 1)
        let gate = Gate()
        let task = Task {
            await outcome(pool) {
                gate.hold()
                return 7
            }
        }
        await gate.entered.value()
        task.cancel()
        gate.open()
        #expect(try await task.value.get() == 7)
        await pool.shutDown()
    }

    @Test
    func `Shutdown refuses queued and later jobs and waits for running ones`() async throws {
        let pool = WorkerPool(threadCount: 2, queueCountMax: 4)
        let gates = [Gate(), Gate()]
        let held = gates.map { gate in Task { await outcome(pool) { gate.hold() } } }
        for gate in gates { await gate.entered.value() }
        let queued = Task { await outcome(pool) { true } }
        try await untilQueued(1, pool)
        let ended = Task { await pool.shutDown() }
        let refused = await queued.value
        #expect(throws: WorkerPoolError.shutDown) { try refused.get() }
        for gate in gates { gate.open() }
        await ended.value
        for task in held { _ = try await task.value.get() }
        let late = await outcome(pool) { true }
        #expect(throws: WorkerPoolError.shutDown) { try late.get() }
    }

    @Test
    func `Concurrent callers and cancellations lose no job`() async throws {
        let pool = WorkerPool(threadCount: 4, queueCountMax: 10_000)
        let done = Shared(0)
        let results = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let task = Task {
                        await outcome(pool) { done.withLock { $0 += 1 } }
                    }
                    if number.isMultiple(of: 3) { task.cancel() }
                    guard case .success = await task.value else { return false }
                    return true
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(results == done.current)
        #expect(results >= 1333)
        await pool.shutDown()
    }

    @Test
    func `A job for a thread that has not woken up yet does not fill the queue`() async throws {
        for _ in 0..<100 {
            let pool = WorkerPool(threadCount: 1, queueCountMax: 1)
            let done = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...2 { group.addTask { try await pool.run { number } } }
                return try await group.reduce(0, +)
            }
            #expect(done == 3)
            await pool.shutDown()
        }
    }
}
