import Testing

@testable import DispatchBridge

/// The order of waiting jobs: moments are arguments.
struct WorkerQueueTests {
    private let start = ContinuousClock.now

    private func job(_ id: UInt64, at arrival: Duration, deadline: Duration?) -> WorkerQueue.Job {
        WorkerQueue.Job(
            id: id, deadline: deadline.map { start + $0 }, arrivedAt: start + arrival, start: {},
            refuse: { _ in })
    }

    private func order(_ jobs: [WorkerQueue.Job]) -> [UInt64] {
        var queue = WorkerQueue()
        for job in jobs { queue.insert(job) }
        var order: [UInt64] = []
        while let next = queue.takeNext() { order.append(next.id) }
        return order
    }

    @Test
    func `The most urgent job comes first, and equally urgent jobs in order of arrival`() {
        #expect(
            order([
                job(1, at: .zero, deadline: nil), job(2, at: .zero, deadline: .seconds(9)),
                job(3, at: .zero, deadline: .milliseconds(500)),
                job(4, at: .milliseconds(1), deadline: .milliseconds(500)),
                job(5, at: .milliseconds(1), deadline: .milliseconds(400)),
            ]) == [5, 3, 4, 1, 2])
    }

    @Test
    func `No job is overtaken for longer than a second, whatever the deadlines`() {
        var jobs = [job(0, at: .zero, deadline: nil)]
        for number in 1...40 {
            let arrival = Duration.milliseconds(50 * number)
            jobs.append(
                job(UInt64(number), at: arrival, deadline: arrival + .milliseconds(10 * number)))
        }
        let order = order(jobs)
        let later = order.drop { $0 != 0 }.dropFirst()
        #expect(later.count >= 20)
        #expect(Set(later).isSuperset(of: 20...40))
    }

    @Test
    func `Expired jobs are removed from any position in the queue`() {
        var queue = WorkerQueue()
        queue.insert(job(1, at: .zero, deadline: .seconds(8)))
        queue.insert(job(2, at: .seconds(2), deadline: .seconds(5)))
        queue.insert(job(3, at: .seconds(2), deadline: nil))
        #expect(queue.takeExpired(at: start + .seconds(5)).map(\.id) == [2])
        #expect(queue.count == 2)
        #expect(queue.takeExpired(at: start + .seconds(9)).map(\.id) == [1])
        #expect(queue.takeNext()?.id == 3)
    }
}
