import Clocks
import Testing

@Suite struct BootTimeTests {
    private let moment = BootTime(nanoseconds: 5_000_000_000)

    @Test func `Moments are ordered, and the distance between them is signed`() {
        let later = moment.advanced(by: .milliseconds(1500))
        #expect(later.nanoseconds == 6_500_000_000 && moment < later)
        #expect(later.since(moment) == .milliseconds(1500))
        #expect(moment.since(later) == .milliseconds(-1500))
        #expect(later.nanoseconds(since: moment) == 1_500_000_000)
        #expect(moment.nanoseconds(since: later) == 0)
    }

    @Test(arguments: [Duration.seconds(-6), .seconds(Int64.min), .nanoseconds(Int64.min)])
    func `A moment before the origin of the clock is clamped to it`(duration: Duration) {
        #expect(moment.advanced(by: duration).nanoseconds == 0)
    }

    @Test func `Adding the longest possible time limit saturates instead of overflowing`() {
        // What a caller may put into `timeout_nano`.
        #expect(moment.advanced(byNanoseconds: .max) > moment)
        let far = BootTime(nanoseconds: .max - 10)
        #expect(far.advanced(byNanoseconds: .max).nanoseconds == .max)
        #expect(moment.advanced(by: .seconds(Int64.max)) > moment)
    }

    @Test func `BootTime reads the same clock as ContinuousClock`() {
        let before = ContinuousClock.now
        let instant = BootTime.now.instant
        #expect(instant >= before - .milliseconds(1))
        #expect(instant - before < .seconds(10))
        let due = BootTime.now.advanced(by: .seconds(60)).instant
        #expect((.seconds(59)...Duration.seconds(61)).contains(due - .now))
    }

    @Test(
        arguments: [
            (Duration.seconds(2), 2_000_000_000), (.nanoseconds(-3), -3), (.zero, 0),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
        ] as [(Duration, Int64)])
    func `A duration is converted to whole nanoseconds, truncated or saturated`(
        duration: Duration, count: Int64
    ) {
        #expect(duration.wholeNanoseconds == count)
    }
}
