import Glibc

/// A moment of the clock that never jumps and counts while the machine sleeps (`CLOCK_BOOTTIME`,
/// `clock_gettime(2)`), in nanoseconds.
///
/// `ContinuousClock` reads the same clock. But the compiler does not know the memory layout of its
/// `Instant`, so whatever holds one is copied and compared by calls, which a fast path can't
/// afford.
package struct BootTime: Sendable, Hashable, Comparable {
    /// Since the machine was started.
    package let nanoseconds: UInt64

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The present moment.
    package static var now: BootTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return BootTime(
            nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// The moment `duration` later, or earlier; limited to the clock's range.
    package func advanced(by duration: Duration) -> BootTime {
        advanced(byNanoseconds: duration.wholeNanoseconds)
    }

    /// The same, in nanoseconds.
    package func advanced(byNanoseconds count: Int64) -> BootTime {
        let (sum, overflows) =
            count < 0
            ? nanoseconds.subtractingReportingOverflow(count.magnitude)
            : nanoseconds.addingReportingOverflow(count.magnitude)
        return BootTime(nanoseconds: overflows ? (count < 0 ? 0 : .max) : sum)
    }

    /// Nanoseconds that have passed since `earlier`; zero when this moment is before it.
    package func nanoseconds(since earlier: BootTime) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    /// The time from `earlier` to this moment; negative when that is after it.
    package func since(_ earlier: BootTime) -> Duration {
        .nanoseconds(Int64(bitPattern: nanoseconds &- earlier.nanoseconds))
    }

    /// The same moment on Swift's clock, for waiting; reads both clocks.
    package var instant: ContinuousClock.Instant { .now + since(.now) }

    package static func < (left: BootTime, right: BootTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Duration {
    /// In nanoseconds, rounded towards zero, at most 292 years either way. Costs a division.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsToo) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard overflows || overflowsToo else { return sum }
        return seconds < 0 ? .min : .max
    }
}
