import Glibc

/// One kind of call, made repeatedly for some time, and timed.
struct LoadPhase: Sendable {
    /// Makes a call for the caller with a number; returns what went wrong, or nil.
    typealias Call = @Sendable (_ caller: Int) async -> Failure?

    /// A caller that was refused waits as long as it was told, but no longer than this.
    private static let pauseMax = 0.5
    /// And this long if it was told nothing: it must not retry as fast as it can.
    private static let pauseDefault = 0.05

    /// How long calls are made before they count.
    var warmUp: Duration
    /// How long calls count.
    let length: Duration
    /// Whether to end early.
    let isStopped: @Sendable () -> Bool

    /// Calls one after the other. They count in full, so the last may end after the time.
    ///
    /// - Parameters:
    ///   - warmUpCalls: how many come first and do not count.
    ///   - callsMin: how many count at least.
    ///   - call: the call, of caller 0.
    /// - Returns: what was measured.
    func alone(warmUpCalls: Int, callsMin: Int, _ call: Call) async -> PhaseResult {
        for _ in 0..<warmUpCalls where !isStopped() { _ = await call(0) }
        var tally = CallTally()
        let (start, cpu) = (ContinuousClock.now, LoadPhase.cpuSeconds())
        let end = start + length
        while ContinuousClock.now < end || tally.count < callsMin, !isStopped(), !tally.isHopeless {
            let began = ContinuousClock.now
            let failure = await call(0)
            tally.add(failure, began.duration(to: .now), share: 1)
            await LoadPhase.pause(after: failure)
        }
        return PhaseResult(
            tally, seconds: (ContinuousClock.now - start) / .seconds(1),
            cpuSeconds: LoadPhase.cpuSeconds() - cpu)
    }

    /// `callers` calls at any time. Each counts by the part of it that is between the warm-up and
    /// the end: calls that take long, and begin together, would otherwise be counted or not by the
    /// handful.
    func together(_ callers: Int, _ call: @escaping Call) async -> PhaseResult {
        let start = ContinuousClock.now + warmUp
        let cpu = LoadPhase.cpuSeconds()
        let window = start..<(start + length)
        let tally = await withTaskGroup(of: CallTally.self) { group in
            for number in 0..<callers {
                group.addTask { await repeated(within: window) { await call(number) } }
            }
            return await group.reduce(into: CallTally()) { $0.add($1) }
        }
        let all = (ContinuousClock.now - start + warmUp) / .seconds(1)
        let seconds = length / .seconds(1)
        let share = all > 0 ? seconds / all : 1
        return PhaseResult(
            tally, seconds: seconds, cpuSeconds: (LoadPhase.cpuSeconds() - cpu) * share)
    }

    private func repeated(
        within window: Range<ContinuousClock.Instant>, _ call: () async -> Failure?
    ) async -> CallTally {
        var tally = CallTally()
        while ContinuousClock.now < window.upperBound, !isStopped(), !tally.isHopeless {
            let began = ContinuousClock.now
            let failure = await call()
            let ended = ContinuousClock.now
            let share = LoadPhase.share(of: began..<ended, within: window)
            if share > 0 || failure?.exitCode == .unreachable {
                tally.add(failure, began.duration(to: ended), share: share)
            }
            await LoadPhase.pause(after: failure)
        }
        return tally
    }

    /// How much of `call` is within `window`, 0 to 1.
    static func share(
        of call: Range<ContinuousClock.Instant>, within window: Range<ContinuousClock.Instant>
    ) -> Double {
        guard call.overlaps(window) else { return 0 }
        let part = call.clamped(to: window)
        return (part.upperBound - part.lowerBound) / (call.upperBound - call.lowerBound)
    }

    private static func pause(after failure: Failure?) async {
        guard let failure else { return }
        let seconds = min(failure.retryAfterSeconds ?? pauseDefault, pauseMax)
        try? await Task.sleep(for: .seconds(seconds))
    }

    /// The processor time that this process has used.
    private static func cpuSeconds() -> Double {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
        return [usage.ru_utime, usage.ru_stime].reduce(0) {
            $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
        }
    }
}
