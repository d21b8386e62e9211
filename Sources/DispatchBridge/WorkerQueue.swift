/// The jobs waiting for a thread of a `WorkerPool`: by deadline, but none is passed over for longer
/// than `patience`, so that callers with deadlines can't starve those without.
struct WorkerQueue {
    /// A job that has waited so long comes before all that come later.
    static let patience = Duration.seconds(1)

    struct Job {
        let id: UInt64
        let deadline: ContinuousClock.Instant?
        let start: @Sendable () -> Void
        let refuse: @Sendable (WorkerPoolError) -> Void
        /// Its place in the queue: the deadline, or the end of patience where that is sooner.
        private let due: ContinuousClock.Instant

        init(
            id: UInt64, deadline: ContinuousClock.Instant?, arrivedAt now: ContinuousClock.Instant,
            start: @escaping @Sendable () -> Void,
            refuse: @escaping @Sendable (WorkerPoolError) -> Void
        ) {
            self.id = id
            self.deadline = deadline
            self.start = start
            self.refuse = refuse
            let patient = now + WorkerQueue.patience
            due = min(deadline ?? patient, patient)
        }

        func hasExpired(at now: ContinuousClock.Instant) -> Bool {
            deadline.map { $0 <= now } ?? false
        }

        func comesBefore(_ other: Job) -> Bool {
            due == other.due ? id < other.id : due < other.due
        }
    }

    /// The next one last, so that taking it moves nothing. Short (`queueCountMax`), so that a
    /// sorted array is as good as a heap, and removal is simple.
    private var jobs: [Job] = []

    var count: Int { jobs.count }

    mutating func insert(_ job: Job) {
        var low = 0
        var high = jobs.count
        while low < high {
            let middle = (low + high) / 2
            if job.comesBefore(jobs[middle]) { low = middle + 1 } else { high = middle }
        }
        jobs.insert(job, at: low)
    }

    mutating func takeNext() -> Job? {
        jobs.popLast()
    }

    mutating func remove(id: UInt64) -> Job? {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return nil }
        return jobs.remove(at: index)
    }

    mutating func takeExpired(at now: ContinuousClock.Instant) -> [Job] {
        let expired = jobs.filter { $0.hasExpired(at: now) }
        if !expired.isEmpty { jobs.removeAll { $0.hasExpired(at: now) } }
        return expired
    }

    mutating func takeAll() -> [Job] {
        defer { jobs = [] }
        return jobs
    }
}
