import Logging
import Testing

@testable import AuthServer

/// What the log says about calls that failed for no fault of the caller's.
struct FaultLogTests {
    @Test
    func `A flood of faults leaves five lines per method in ten seconds, and their number`()
        throws
    {
        let lines = LineList()
        let log = FaultLog(Logger(label: "test") { _ in lines })
        let start = ContinuousClock.now
        for number in 0..<500 { log.failed("Login", "cause \(number)", now: start) }
        #expect(lines.texts.count == 5)
        let first = try #require(lines.texts.first)
        #expect(first.contains("error Login failed") && first.contains("cause 0"))
        #expect(!first.contains("left_out"))
        log.failed("Refresh", "another cause", now: start + .seconds(9))
        #expect(lines.texts.count == 6)
        #expect(try #require(lines.texts.last).contains("Refresh failed"))
        log.failed("Login", "too early", now: start + .seconds(9))
        #expect(lines.texts.count == 6)
        log.failed("Login", "the last one", now: start + .seconds(10))
        let last = try #require(lines.texts.last)
        #expect(last.contains("the last one") && last.contains("496"))
    }
}
