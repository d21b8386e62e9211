import Logging
import Storage
import Testing

@testable import AuthServer

/// The warning that failed logins are not stored.
struct UnsavedFailuresLogTests {
    @Test
    func `Unsaved failures are logged at most once in ten seconds, with only the user's id`()
        throws
    {
        let lines = LineList()
        let log = UnsavedFailuresLog(Logger(label: "test") { _ in lines })
        let start = ContinuousClock.now
        for number in 0..<500 {
            log.failed("user-\(number)", .unavailable("the disk is full"), now: start)
        }
        #expect(lines.texts.count == 1)
        let line = try #require(lines.texts.first)
        #expect(line.contains("warning"))
        #expect(line.contains("user-0"))
        #expect(line.contains("the disk is full"))
        log.failed("last", .corrupt("ada@example.com"), now: start + .seconds(10))
        #expect(lines.texts.count == 2)
        let last = try #require(lines.texts.last)
        #expect(last.contains("last") && last.contains("499"))
        #expect(!last.contains("ada@example.com"))
    }
}
