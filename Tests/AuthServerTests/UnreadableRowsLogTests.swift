import AuthCore
import Logging
import Storage
import Testing

@testable import AuthServer

/// The lines about rows that can't be read.
struct UnreadableRowsLogTests {
    @Test func `Unreadable rows are logged with their partition, at most twenty in a minute`()
        throws
    {
        let lines = LineList()
        let log = UnreadableRowsLog(Logger(label: "test") { _ in lines })
        let start = ContinuousClock.now
        let partition = AccountPartition(email: "ada@example.com").name
        let row = UnreadableRow(
            EntityKey(partition: partition, row: "account"), reason: "it ends early")
        for _ in 0..<500 { log.found(row, now: start) }
        #expect(lines.texts.count == 20)
        let line = try #require(lines.texts.first)
        #expect(line.contains("error") && line.contains(partition))
        #expect(line.contains("account") && line.contains("it ends early"))
        log.found(row, now: start + .seconds(60))
        #expect(lines.texts.count == 21)
        #expect(try #require(lines.texts.last).contains("480"))
    }
}
