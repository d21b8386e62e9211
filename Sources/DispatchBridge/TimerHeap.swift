/// A binary heap of timers, earliest first. Each timer knows its place, so that a cancelled one
/// is removed at once: calls that end long before their deadline must not pile up here.
struct TimerHeap {
    private var timers: [TimerToken] = []

    var first: TimerToken? { timers.first }
    var count: Int { timers.count }

    mutating func insert(_ timer: TimerToken) {
        timer.heapIndex = timers.count
        timers.append(timer)
        rise(from: timer.heapIndex)
    }

    mutating func remove(_ timer: TimerToken) {
        let index = timer.heapIndex
        guard index >= 0 else { return }
        timer.heapIndex = -1
        let last = timers.removeLast()
        guard last !== timer else { return }
        place(last, at: index)
        rise(from: index)
        sink(from: last.heapIndex)
    }

    mutating func removeAll() {
        for timer in timers {
            timer.heapIndex = -1
            timer.action = nil
        }
        timers = []
    }

    private mutating func place(_ timer: TimerToken, at index: Int) {
        timers[index] = timer
        timer.heapIndex = index
    }

    private mutating func rise(from start: Int) {
        var index = start
        let timer = timers[index]
        while index > 0 {
            let parent = timers[(index - 1) / 2]
            guard timer.deadline < parent.deadline else { break }
            place(parent, at: index)
            index = (index - 1) / 2
        }
        place(timer, at: index)
    }

    private mutating func sink(from start: Int) {
        var index = start
        let timer = timers[index]
        while index * 2 + 1 < timers.count {
            var child = index * 2 + 1
            if child + 1 < timers.count, timers[child + 1].deadline < timers[child].deadline {
                child += 1
            }
            guard timers[child].deadline < timer.deadline else { break }
            place(timers[child], at: index)
            index = child
        }
        place(timer, at: index)
    }
}
