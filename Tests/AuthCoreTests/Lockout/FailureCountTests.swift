import AuthCore
import Storage
import Testing

@Suite struct FailureCountTests {
    private static let policy = LockoutPolicy()
    private static let start = Timestamp(seconds: 1_795_000_000)

    private static func count(_ checked: Int, unchecked: Int = 0) -> FailureCount {
        var count = FailureCount()
        count.add(checked: checked, unchecked: unchecked, at: start)
        return count
    }

    private func wait(_ count: FailureCount, after seconds: Double) -> Duration? {
        count.wait(at: Self.start.advanced(by: .seconds(seconds)), Self.policy)
    }

    @Test(
        arguments: [
            (0, nil), (4, nil), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (14, 512),
            (15, 900), (16, 900), (99, 900),
        ] as [(Int, Int64?)])
    func `The fifth failure starts a wait that doubles up to 15 minutes`(
        failures: Int, seconds: Int64?
    ) {
        #expect(wait(Self.count(failures), after: 0) == seconds.map { .seconds($0) })
    }

    @Test func `A wait expires and reports the time remaining`() {
        let count = Self.count(8)
        #expect(wait(count, after: 3) == .seconds(5))
        #expect(wait(count, after: 7.5) == .milliseconds(500))
        #expect(wait(count, after: 8) == nil)
        #expect(count.failures == 8)
    }

    @Test func `A hundred failures disable the credential until it is unlocked`() {
        let count = Self.count(100)
        #expect(!Self.count(99).isDisabled(Self.policy))
        #expect(count.isDisabled(Self.policy))
        #expect(wait(count, after: 1e8) == .seconds(900))
        #expect(
            count.lockedUntil(at: Self.start, Self.policy) == EntityLimits.timestamps.upperBound)
    }

    @Test func `Unchecked attempts lengthen the wait but never disable the credential`() {
        let count = Self.count(5, unchecked: 10_000)
        #expect(count.failures == 10_005)
        #expect(wait(count, after: 0) == .seconds(900))
        #expect(wait(count, after: 900) == nil)
        #expect(!count.isDisabled(Self.policy))
    }

    @Test func `The failure count saturates instead of overflowing`() {
        var count = Self.count(FailureCount.countMax - 1)
        count.add(checked: .max - FailureCount.countMax, unchecked: 5, at: Self.start)
        #expect(count.failures == FailureCount.countMax)
        #expect(count.unchecked == 0)
        #expect(wait(count, after: 0) == .seconds(900))
    }

    @Test func `A clock set back neither ends nor extends a wait`() {
        let count = Self.count(10)
        #expect(wait(count, after: -1) == .seconds(32))
        #expect(wait(count, after: -3599) == .seconds(32))
    }

    @Test func `Failures recorded by a clock that was far ahead do not lock anybody out`() {
        var count = Self.count(10)
        #expect(wait(count, after: -3600) == nil)
        let past = Self.start.advanced(by: .seconds(-86_400))
        count.add(checked: 1, at: past)
        #expect(count.lastAt == past)
        #expect(count.wait(at: past, Self.policy) == .seconds(64))
    }

    @Test func `A failure from a daemon whose clock is behind does not move the last failure back`()
    {
        var count = Self.count(10)
        count.add(checked: 1, at: Self.start.advanced(by: .seconds(-60)))
        #expect(count.lastAt == Self.start)
        #expect(count.failures == 11)
    }

    @Test func `Inconsistent numbers are not a valid failure count`() {
        #expect(FailureCount(failures: 1, unchecked: 0, lastAt: nil) == nil)
        #expect(FailureCount(failures: 0, unchecked: 0, lastAt: Self.start) == nil)
        #expect(FailureCount(failures: -1, unchecked: 0, lastAt: Self.start) == nil)
        #expect(FailureCount(failures: 1, unchecked: 2, lastAt: Self.start) == nil)
        #expect(FailureCount(failures: 1_000_001, unchecked: 0, lastAt: Self.start) == nil)
    }
}
