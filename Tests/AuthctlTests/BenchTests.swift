import ArgumentParser
import Testing

@testable import authctl

/// What a benchmark makes of its measurements.
@Suite struct BenchTests {
    /// 8 takes 16 ms, so 12 takes 256 ms and 16 takes 4.096 s.
    private func table(_ seconds: [Int: Double] = [8: 0.016]) -> CostTable {
        CostTable(10...16, seconds: seconds, perSecond: (10, 100))
    }

    @Test func `The highest cost that fits is advised`() {
        #expect(table().advice(loginSeconds: 0.256) == .fits(12))
        #expect(table().advice(loginSeconds: 0.2559) == .fits(11))
        #expect(table().advice(loginSeconds: 0.064) == .fits(10))
        #expect(table().advice(loginSeconds: 4.095) == .fits(15))
    }

    @Test func `If every cost fits, the highest supported cost is recommended`() {
        #expect(table().advice(loginSeconds: 4.096) == .highestFits(16))
        #expect(table().advice(loginSeconds: 100) == .highestFits(16))
    }

    @Test func `If no cost fits, the lowest cost for production is recommended`() {
        #expect(table().advice(loginSeconds: 0.0639) == .nothingFits(10))
        #expect(table([8: .infinity]).advice(loginSeconds: 10) == .nothingFits(10))
        #expect(CostTable.Advice.nothingFits(10).cost == 10)
    }

    @Test func `The overhead of a login beyond its hash is taken into account`() {
        #expect(table().advice(loginSeconds: 0.256, overhead: 0.001) == .fits(11))
        #expect(table().advice(loginSeconds: 0.064, overhead: 0.001) == .nothingFits(10))
    }

    @Test func `Each cost is extrapolated from the nearest measured one`() {
        let table = table([8: 0.016, 12: 0.3, 13: 0.5])
        #expect(table.rows.map(\.cost) == Array(10...16))
        #expect(table.rows.map(\.isMeasured) == [false, false, true, true, false, false, false])
        #expect(table.rows[0].seconds == 0.075)
        #expect(table.rows[2].seconds == 0.3)
        #expect(table.rows[6].seconds == 4)
        #expect(table.rows.map(\.perSecond) == [100, 50, 25, 12.5, 6.25, 3.125, 1.5625])
        #expect(table.seconds(at: 4) == 0.001)
    }

    @Test func `Latencies are summarized whatever their order`() throws {
        let times = (1...200).map(Double.init).shuffled()
        let summary = try #require(LatencySummary(times))
        #expect(summary.count == 200 && summary.min == 1 && summary.max == 200)
        #expect(summary.median == 101)
        #expect(summary.p99 == 199)
        let one = try #require(LatencySummary([7]))
        #expect([one.min, one.median, one.p99, one.max] == [7, 7, 7, 7])
        #expect(LatencySummary([]) == nil)
    }

    @Test func `A call counts by the share of its time within the phase`() {
        let start = ContinuousClock.now
        func share(_ from: Int, _ to: Int) -> Double {
            LoadPhase.share(
                of: (start + .seconds(from))..<(start + .seconds(to)),
                within: start..<(start + .seconds(10)))
        }
        #expect(share(2, 4) == 1)
        #expect(share(-1, 1) == 0.5)
        #expect(share(7, 19) == 0.25)
        #expect(share(-10, 30) == 0.25)
        #expect(share(-2, 0) == 0)
        #expect(share(10, 11) == 0)
    }

    @Test func `A phase with one failure in a hundred calls is sound, and one with two is not`() {
        func result(answered: Int, failed: Int) -> PhaseResult {
            var tally = CallTally()
            for _ in 0..<answered { tally.add(nil, .milliseconds(2), share: 1) }
            for number in 0..<failed {
                let reason = number == 0 ? "TIMEOUT" : "THROTTLED"
                tally.add(Failure(.refused, reason, "no"), .milliseconds(1), share: 1)
            }
            return PhaseResult(tally, seconds: 2, cpuSeconds: 1)
        }
        let good = result(answered: 99, failed: 1)
        #expect(good.isSound && good.perSecond == 49.5 && good.callerCores == 0.5)
        #expect(good.latency?.median == 2000)
        let bad = result(answered: 98, failed: 2)
        #expect(!bad.isSound && bad.perSecond == nil)
        let worse = result(answered: 10, failed: 3)
        #expect(worse.failureText == "THROTTLED 2, TIMEOUT 1")
        #expect(worse.exemplar?.reason == "THROTTLED")
        let shown = Format.json(BenchReport.Phase(worse, callers: 3))
        #expect(shown.contains(#""failures":{"THROTTLED":2,"TIMEOUT":1}"#))
        #expect(!shown.contains("per_second"))
        #expect(!result(answered: 0, failed: 0).isSound)
        #expect(!result(answered: 0, failed: 1).isSound)
    }

    @Test func `A phase ends when it is stopped or the daemon is unreachable`() async {
        let stopped = LoadPhase(warmUp: .zero, length: .seconds(600)) { true }
        #expect(await stopped.together(3) { _ in nil }.answered == 0)
        let lost = LoadPhase(warmUp: .seconds(600), length: .seconds(600)) { false }
        let result = await lost.together(3) { _ in Failure(.unreachable, "UNREACHABLE", "gone") }
        #expect(result.failures == ["UNREACHABLE": 3])
    }

    @Test func `The minimum number of lone calls is made even when the time is up`() async {
        let phase = LoadPhase(warmUp: .zero, length: .zero) { false }
        let result = await phase.alone(warmUpCalls: 2, callsMin: 3) { _ in nil }
        #expect(result.answered == 3 && result.isSound)
    }

    @Test(arguments: [
        ("250ms", 0.25), ("0.25s", 0.25), ("1s", 1.0), ("1.5s", 1.5), ("10000ms", 10.0),
    ])
    func `Times in seconds and milliseconds are parsed`(_ text: String, _ seconds: Double) {
        #expect(ShortTime(argument: text)?.seconds == seconds)
    }

    @Test(arguments: ["250", "ms", "s", "-1s", "1e3ms", "0x1s", "nans", "1 s", "", "1m", "1..2s"])
    func `A malformed time is refused`(_ text: String) {
        #expect(ShortTime(argument: text) == nil)
    }

    @Test(arguments: [
        ["--callers", "1"], ["--callers", "1024"], ["--connections", "1"],
        ["--connections", "64"], ["--seconds", "0.1"], ["--seconds", "60"],
        ["--login-time", "1ms"], ["--login-time", "10s"], [],
    ])
    func `Options at their limits are accepted`(_ arguments: [String]) throws {
        #expect(throws: Never.self) { try Bench.parse(arguments) }
    }

    @Test(arguments: [
        ["--callers", "0"], ["--callers", "1025"], ["--connections", "0"],
        ["--connections", "65"], ["--seconds", "0.09"], ["--seconds", "60.1"],
        ["--seconds", "nan"], ["--login-time", "0.9ms"], ["--login-time", "10001ms"],
        ["--login-time", "250"],
    ])
    func `Options over their limits are refused`(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Bench.parse(arguments) }
    }

    @Test func `The default numbers of callers and connections grow with the cores up to a limit`()
    {
        #expect(BenchPlan.defaultCallers(cores: 2) == 16)
        #expect(BenchPlan.defaultCallers(cores: 1000) == 1024)
        #expect(BenchPlan.defaultConnections(cores: 2) == 2)
        #expect(BenchPlan.defaultConnections(cores: 1000) == 16)
    }
}
