/// The jobs waiting for a thread of a `WorkerPool`: by deadline, then by arrival.
struct WorkerQueue {
    struct Job {
        let id: UInt64
        let deadline: ContinuousClock.Instant?
        let start: @Sendable () -> Void
        let refuse: @Sendable (WorkerPoolError) -> Void

        func comesBefore(_ other: Job) -> Bool {
            switch (deadline, other.deadline) {
            case (let mine?, let theirs?) where mine != theirs: mine < theirs
            case (.some, nil): true
            case (nil, .some): false
            default: id < other.id
            }
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
        var expired: [Job] = []
        while let deadline = jobs.last?.deadline, deadline <= now {
            expired.append(jobs.removeLast())
        }
        return expired
    }

    mutating func takeAll() -> [Job] {
        defer { jobs = [] }
        return jobs
    }
}
