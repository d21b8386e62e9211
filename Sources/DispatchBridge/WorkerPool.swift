import CEpoll
import Dispatch
import Glibc
import Synchronization

/// Dedicated threads for work that blocks or takes long (password hashing), with a bounded queue.
///
/// The threads run at a lower priority than the event loops. A full queue refuses at once: waiting
/// longer than the queue's length helps nobody. The pool lives until `shutDown()`.
package final class WorkerPool: Sendable {
    private struct State {
        var queue = WorkerQueue()
        var nextID: UInt64 = 0
        var threadsRunning: Int
        /// Threads running a job.
        var threadsBusy = 0
        var isShutDown = false

        /// Whether the queue is full, not counting one job for each thread that is free and has not
        /// woken up yet.
        func isFull(_ queueCountMax: Int) -> Bool {
            queue.count >= queueCountMax + threadsRunning - threadsBusy
        }

        mutating func takeNext() -> WorkerQueue.Job? {
            guard let next = queue.takeNext() else { return nil }
            threadsBusy += 1
            return next
        }
    }

    /// How many threads there are.
    package let threadCount: Int
    /// How many jobs may wait.
    package let queueCountMax: Int
    private let nice: Int32
    private let state: Mutex<State>
    /// Signaled once for each queued job, and once for each thread at the end. A thread woken for
    /// a job that was cancelled meanwhile finds nothing and waits again.
    private let available = DispatchSemaphore(value: 0)
    private let ended = Promise<Void>()

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - threadCount: at least one.
    ///   - queueCountMax: how many jobs may wait besides the running ones; at least one.
    ///   - nice: the threads' nice value, 0...19. With less than the maximum, a thread of the
    ///     pool now and then finishes its 4 ms slice before a woken thread gets its turn, and a
    ///     call that goes through six threads meets that too often.
    package init(threadCount: Int, queueCountMax: Int, nice: Int32 = 19) {
        precondition(threadCount > 0 && queueCountMax > 0, "a pool needs threads and a queue")
        self.threadCount = threadCount
        self.queueCountMax = queueCountMax
        self.nice = nice
        state = Mutex(State(threadsRunning: threadCount))
        for _ in 0..<threadCount {
            startThread()
        }
    }

    /// How many jobs are waiting.
    package var queueDepth: Int {
        state.withLock { $0.queue.count }
    }

    /// Does `work` on one of the threads, ordered by deadline; a job that has waited for a second goes
    /// before all that came later.
    ///
    /// Once started, work runs to its end, whatever happens to the caller.
    ///
    /// - Parameters:
    ///   - deadline: when it is too late to start; nil for never.
    ///   - work: may block.
    /// - Returns: what `work` returned.
    /// - Throws: `WorkerPoolError`; the work has not started and never will.
    package func run<T: Sendable>(
        deadline: ContinuousClock.Instant? = nil, _ work: @escaping @Sendable () -> T
    ) async throws(WorkerPoolError) -> T {
        guard !Task.isCancelled else { throw .cancelled }
        let result = Promise<Result<T, WorkerPoolError>>()
        let id = try submit(deadline: deadline) {
            result.fulfil(.success(work()))
        } refuse: { error in
            result.fulfil(.failure(error))
        }
        return try await result.value { self.cancel(id) }.get()
    }

    /// Refuses all queued jobs, lets running ones finish, and returns when the threads are gone.
    package func shutDown() async {
        let refused = state.withLock { state in
            state.isShutDown = true
            return state.queue.takeAll()
        }
        for job in refused {
            job.refuse(.shutDown)
        }
        for _ in 0..<threadCount {
            available.signal()
        }
        await ended.value()
    }

    private func submit(
        deadline: ContinuousClock.Instant?, start: @escaping @Sendable () -> Void,
        refuse: @escaping @Sendable (WorkerPoolError) -> Void
    ) throws(WorkerPoolError) -> UInt64 {
        let now = ContinuousClock.now
        if let deadline, deadline <= now { throw .deadlineExceeded }
        var expired: [WorkerQueue.Job] = []
        defer {
            for job in expired { job.refuse(.deadlineExceeded) }
        }
        let submitted: Result<UInt64, WorkerPoolError> = state.withLock { state in
            guard !state.isShutDown else { return .failure(.shutDown) }
            if state.isFull(queueCountMax) {
                expired = state.queue.takeExpired(at: now)
            }
            guard !state.isFull(queueCountMax) else { return .failure(.queueFull) }
            state.nextID += 1
            state.queue.insert(
                WorkerQueue.Job(
                    id: state.nextID, deadline: deadline, arrivedAt: now, start: start,
                    refuse: refuse))
            return .success(state.nextID)
        }
        let id = try submitted.get()
        available.signal()
        return id
    }

    private func cancel(_ id: UInt64) {
        state.withLock { $0.queue.remove(id: id) }?.refuse(.cancelled)
    }

    private func startThread() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(&thread, nil, workerThread, context)
        precondition(result == 0, "no thread could be started: errno \(result)")
        pthread_detach(thread)
    }

    /// One thread's life.
    fileprivate func work() {
        // Without permission the threads stay at the normal priority: slower, not wrong.
        if nice != 0 { cepoll_set_thread_nice(nice) }
        while true {
            cepoll_clear_registers()
            available.wait()
            let (next, isShutDown) = state.withLock { ($0.takeNext(), $0.isShutDown) }
            if isShutDown { break }
            guard let next else { continue }
            defer { state.withLock { $0.threadsBusy -= 1 } }
            if let deadline = next.deadline, deadline <= ContinuousClock.now {
                next.refuse(.deadlineExceeded)
            } else {
                next.start()
            }
        }
        let isLast = state.withLock { state in
            state.threadsRunning -= 1
            return state.threadsRunning == 0
        }
        if isLast { ended.fulfil(()) }
    }
}

/// The retained pool is passed in and released when its thread ends.
private func workerThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<WorkerPool>.fromOpaque(context).takeRetainedValue().work()
    return nil
}
