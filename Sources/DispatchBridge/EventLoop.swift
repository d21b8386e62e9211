import CEpoll
package import Clocks
import Dispatch
import Glibc
import Synchronization

/// A serial queue with one `DispatchSourceRead` on an epoll descriptor that holds all its sockets,
/// and a task executor: the place where connections live.
///
/// Everything except `isOnLoop`, `preconditionOnLoop()`, `execute(_:)`, `enqueue(_:)` and
/// `shutdown()` must be called on the loop. A loop lives until `shutdown()`.
///
/// `@unchecked Sendable`: the state below `owner` is touched only on the serial queue (in `init`,
/// before the source is resumed, and in `drain()`), which every entry point checks.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    struct Slot {
        var handler: (any EventHandler)?
        var generation: UInt32 = 0
    }

    /// Tokens of the loop's own descriptors; slots never reach these.
    private static let inboxToken = UInt64.max
    private static let timerToken = UInt64.max - 1
    /// How long a loop that watches nothing waits for work before its thread returns to Dispatch.
    private static let lingerMilliseconds: Int32 = 1
    /// How many jobs run before sockets get their turn again.
    private static let jobsPerTurnMax = 4096
    /// How long a turn may take before what can wait is left to the next one: a signature takes a
    /// millisecond with some keys, and a hundred of them must not hold up everybody else.
    private static let turnNanosecondsMax: UInt64 = 2_000_000

    private let queue: DispatchQueue
    private let source: any DispatchSourceRead
    private let epoll: Int32
    private let wakeUp: Int32
    private let timer: Int32
    private let inbox = LoopInbox()
    private let stopped = Promise<Void>()
    /// The thread that runs the loop now; 0 for none. A thread that reads its own number has
    /// written it.
    private let owner = Atomic<UInt>(0)

    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var watchedCount: Int { slots.count - freeSlots.count }
    private var timers = TimerHeap()
    private var armedFor = UInt64.max
    private var jobs: [UnownedJob] = []
    private var runningJobs: [UnownedJob] = []
    /// What was taken out of the inbox, how much of it has run, and whether there may be more.
    private var delivered: [LoopInbox.Work] = []
    private var deliveredRun = 0
    private var hasDeliveries = false
    private var ending: [any EventHandler] = []
    private var endingNow: [any EventHandler] = []
    private let ready: UnsafeMutablePointer<cepoll_ready>
    private var isStopping = false
    private var turnMoment: BootTime?

    /// Starts a loop.
    ///
    /// - Parameter label: names the queue in debuggers.
    /// - Throws: `EventLoopError` when the kernel provides no descriptors.
    package init(label: String) throws(EventLoopError) {
        var opened: [Int32] = []
        func check(_ call: String, _ result: Int32) throws(EventLoopError) -> Int32 {
            guard result < 0 else { return result }
            let failure = EventLoopError(call: call, code: errno)
            for descriptor in opened { close(descriptor) }
            throw failure
        }
        epoll = try check("epoll_create1", cepoll_create())
        opened.append(epoll)
        wakeUp = try check("eventfd", cepoll_eventfd())
        opened.append(wakeUp)
        timer = try check("timerfd_create", cepoll_timerfd())
        opened.append(timer)
        // The event descriptor is edge-triggered: its counter never has to be read back.
        _ = try check(
            "epoll_ctl",
            cepoll_add(epoll, wakeUp, cepoll_in | cepoll_edge, EventLoop.inboxToken))
        _ = try check("epoll_ctl", cepoll_add(epoll, timer, cepoll_in, EventLoop.timerToken))
        ready = .allocate(capacity: Int(CEPOLL_READY_MAX))
        queue = DispatchQueue(label: label)
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
        source.setEventHandler { self.drain() }
        source.setCancelHandler { self.closeDescriptors() }
        source.resume()
    }

    deinit {
        ready.deallocate()
    }

    // MARK: - From any thread

    /// Whether the caller runs on this loop.
    package var isOnLoop: Bool {
        owner.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Stops the program when the caller does not run on this loop.
    package func preconditionOnLoop() {
        precondition(isOnLoop, "this must be called on its event loop")
    }

    /// Runs `work` on the loop, soon; not at once, even on the loop.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        deliver(.closure(work))
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop {
            jobs.append(job)
        } else {
            deliver(.job(job))
        }
    }

    /// Shuts down the loop: handlers and timers are dropped, its descriptors closed. Jobs and
    /// `execute` work that arrive later still run, on the queue, so that no task hangs.
    package func shutdown() async {
        execute { self.isStopping = true }
        await stopped.value()
    }

    private func deliver(_ work: LoopInbox.Work) {
        switch inbox.deliver(work) {
        case .first:
            var one: UInt64 = 1
            write(wakeUp, &one, 8)
        case .joined: break
        case .closed: queue.async { self.asOwner { self.run(work) } }
        }
    }

    // MARK: - Descriptors

    /// Watches `descriptor`, which the caller closes after `unregister(_:)`.
    ///
    /// - Throws: `EventLoopError` when the kernel refuses (`epoll_ctl(2)`).
    package func register(
        _ descriptor: Int32, events: IOEvents, handler: any EventHandler
    ) throws(EventLoopError) -> EventRegistration {
        preconditionOnLoop()
        guard !isStopping else { throw EventLoopError(call: "epoll_ctl", code: ESHUTDOWN) }
        let slot = freeSlots.popLast() ?? slots.count
        if slot == slots.count { slots.append(Slot()) }
        let registration = EventRegistration(
            descriptor: descriptor, slot: slot, generation: slots[slot].generation)
        guard cepoll_add(epoll, descriptor, events.rawValue, registration.token) == 0 else {
            freeSlots.append(slot)
            throw EventLoopError(call: "epoll_ctl", code: errno)
        }
        slots[slot].handler = handler
        return registration
    }

    /// Changes which events the handler receives.
    package func modify(_ registration: EventRegistration, events: IOEvents) {
        let isWatched = modifyIfOpen(registration, events: events)
        precondition(isWatched, "a registered descriptor was closed")
    }

    /// The same for a library's descriptor, which the library may have closed without saying so
    /// yet.
    ///
    /// - Returns: false if it was closed.
    package func modifyIfOpen(_ registration: EventRegistration, events: IOEvents) -> Bool {
        preconditionOnLoop()
        guard isCurrent(registration) else { return true }
        return cepoll_modify(
            epoll, registration.descriptor, events.rawValue, registration.token) == 0
    }

    /// Stops watching. Events already fetched for the descriptor are dropped.
    package func unregister(_ registration: EventRegistration) {
        let wasWatched = unregisterIfOpen(registration)
        precondition(wasWatched, "a registered descriptor was closed")
    }

    /// The same for a library's descriptor, which may already be closed: then the kernel
    /// no longer watches it.
    ///
    /// - Returns: false when it was closed.
    @discardableResult
    package func unregisterIfOpen(_ registration: EventRegistration) -> Bool {
        preconditionOnLoop()
        guard isCurrent(registration) else { return true }
        let result = cepoll_remove(epoll, registration.descriptor)
        slots[registration.slot].handler = nil
        slots[registration.slot].generation &+= 1
        freeSlots.append(registration.slot)
        return result == 0
    }

    /// After shutdown nothing is watched, and the descriptors' numbers may have been reused.
    private func isCurrent(_ registration: EventRegistration) -> Bool {
        !isStopping && slots[registration.slot].generation == registration.generation
    }

    /// Calls `handler.turnEnded()` once, when this turn's events and jobs are done; in the next
    /// turn when called from a `turnEnded()`.
    package func notifyAtEndOfTurn(_ handler: any EventHandler) {
        preconditionOnLoop()
        ending.append(handler)
    }

    /// When this turn first read the clock. One reading, which can cost more than
    /// the rest of a call, is enough for everything that a turn handles; it lags by their duration.
    package var turnStartedAt: BootTime {
        if let turnMoment { return turnMoment }
        let moment = BootTime.now
        turnMoment = moment
        return moment
    }

    /// Whether this turn has taken so long that what can wait should: whoever has more to do goes on
    /// in the next one (`notifyAtEndOfTurn(_:)`). Reads the clock.
    package var isTurnLong: Bool {
        let start = turnStartedAt
        return BootTime.now.nanoseconds(since: start) > EventLoop.turnNanosecondsMax
    }

    // MARK: - Timers

    /// Runs `action` on the loop once `delay` has passed; the clock counts suspended time. Never
    /// if the loop is shut down first.
    package func schedule(
        after delay: Duration, _ action: @escaping () -> Void
    ) -> TimerToken {
        schedule(at: BootTime.now.advanced(by: max(delay, .zero)), action)
    }

    /// Runs `action` on the loop at `moment`, or soon if that has passed.
    package func schedule(
        at moment: BootTime, _ action: @escaping () -> Void
    ) -> TimerToken {
        preconditionOnLoop()
        let timer = TimerToken(deadline: max(1, moment.nanoseconds), action: action)
        guard !isStopping else { return timer }
        timers.insert(timer)
        if timer.deadline < armedFor { arm(timer.deadline) }
        return timer
    }

    /// Cancels a timer; nothing happens if it has already fired.
    package func cancel(_ timer: TimerToken) {
        preconditionOnLoop()
        timers.remove(timer)
        timer.action = nil
    }

    /// How many timers are pending.
    package var timerCount: Int {
        preconditionOnLoop()
        return timers.count
    }

    private func arm(_ deadline: UInt64) {
        armedFor = deadline
        cepoll_timerfd_arm(timer, deadline)
    }

    private func fireTimers() {
        var expirations: UInt64 = 0
        read(timer, &expirations, 8)
        armedFor = .max
        let now = BootTime.now.nanoseconds
        while let first = timers.first, first.deadline <= now {
            timers.remove(first)
            let action = first.action
            first.action = nil
            action?()
        }
        if let first = timers.first, first.deadline < armedFor { arm(first.deadline) }
    }

    // MARK: - Turns

    private func asOwner(_ body: () -> Void) {
        owner.store(UInt(pthread_self()), ordering: .relaxed)
        body()
        owner.store(0, ordering: .relaxed)
    }

    private func drain() {
        asOwner {
            while !isStopping {
                let hasWork = !jobs.isEmpty || !ending.isEmpty || hasDeliveries
                let count = cepoll_wait(epoll, ready, hasWork ? 0 : waitMilliseconds)
                if count == 0, !hasWork { break }
                turn(Int(max(count, 0)))
            }
            if isStopping { stop() }
        }
    }

    /// A loop with sockets keeps its thread forever: returning through Dispatch costs two
    /// `epoll_ctl` and a thread hop, and even a wait with a timeout costs a timer each time
    /// (measured: 2 µs of 10 for each request on an otherwise idle connection).
    private var waitMilliseconds: Int32 {
        watchedCount > 0 ? -1 : EventLoop.lingerMilliseconds
    }

    private func turn(_ count: Int) {
        turnMoment = nil
        if hasDeliveries { runInbox() }
        for index in 0..<count {
            let event = ready[index]
            switch event.token {
            // With a rest, the next turn looks.
            case EventLoop.inboxToken: if !hasDeliveries { runInbox() }
            case EventLoop.timerToken: fireTimers()
            default:
                let slot = Int(truncatingIfNeeded: event.token & 0xffff_ffff)
                guard slots[slot].generation == UInt32(truncatingIfNeeded: event.token >> 32)
                else { continue }
                slots[slot].handler?.ready(IOEvents(rawValue: event.events))
            }
        }
        runJobs()
        guard !ending.isEmpty else { return }
        swap(&ending, &endingNow)
        for handler in endingNow {
            handler.turnEnded()
        }
        endingNow.removeAll(keepingCapacity: endingNow.count < EventLoop.jobsPerTurnMax)
    }

    /// Runs what was delivered before, until the turn has taken long; the rest is for the next one.
    ///
    /// The kernel signals the first delivery only: after a turn that did not look into the inbox,
    /// because there was a rest, the next one looks unasked.
    private func runInbox() {
        let looks = delivered.isEmpty
        if looks { inbox.take(into: &delivered) }
        _ = turnStartedAt
        while deliveredRun < delivered.count {
            deliveredRun += 1
            run(delivered[deliveredRun - 1])
            if isTurnLong { break }
        }
        hasDeliveries = !looks || deliveredRun < delivered.count
        guard deliveredRun == delivered.count else { return }
        delivered.removeAll(keepingCapacity: deliveredRun < EventLoop.jobsPerTurnMax)
        deliveredRun = 0
    }

    private func run(_ work: LoopInbox.Work) {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .closure(let closure): closure()
        }
        if isStopping { runJobs() }
    }

    private func runJobs() {
        var budget = EventLoop.jobsPerTurnMax
        while !jobs.isEmpty, budget > 0 {
            swap(&jobs, &runningJobs)
            for job in runningJobs {
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            budget -= runningJobs.count
            runningJobs.removeAll(keepingCapacity: runningJobs.count < EventLoop.jobsPerTurnMax)
        }
    }

    // MARK: - The end

    private func stop() {
        source.cancel()
        for work in delivered[deliveredRun...] + inbox.close() {
            run(work)
        }
        delivered = []
        deliveredRun = 0
        while !jobs.isEmpty { runJobs() }
        timers.removeAll()
        ending = []
        for slot in slots.indices {
            slots[slot].handler = nil
        }
    }

    private func closeDescriptors() {
        for descriptor in [epoll, wakeUp, timer] {
            close(descriptor)
        }
        stopped.fulfil(())
    }
}
