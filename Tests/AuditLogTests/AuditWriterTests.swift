import Bytes
import Foundation
import Glibc
import Synchronization
import Testing

@testable import AuditLog

/// Where a log goes on, and what happens when it can't.
struct AuditWriterTests {
    @Test
    func `The chain continues across restarts`() async throws {
        let fixture = try AuditFixture()
        for round in 0..<3 { try await fixture.write(5, from: 5 * round) }
        let verdict = fixture.verify(try fixture.lines(), end: try fixture.end())
        #expect(verdict.problems == [])
        #expect(verdict.sequences == 1...21)
    }

    @Test
    func `The file is private to its owner, and one open to others is refused`() async throws {
        let fixture = try AuditFixture()
        try await fixture.write(1)
        var status = stat()
        #expect(stat(fixture.path(), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        chmod(fixture.path(), 0o640)
        #expect(throws: AuditLogError.self) { try fixture.writer() }
    }

    @Test
    func `A symbolic link, a missing directory and a file in use are refused`() async throws {
        let fixture = try AuditFixture()
        let writer = try fixture.writer()
        #expect(throws: AuditLogError.self) { try fixture.writer(keepsEnd: false) }
        #expect(symlink(fixture.path(), fixture.path("link")) == 0)
        #expect(throws: AuditLogError.self) { try fixture.writer(.file(fixture.path("link"))) }
        #expect(throws: AuditLogError.self) { try fixture.writer(.file(fixture.path("no/log"))) }
        #expect(await writer.stop())
    }

    @Test
    func `A file that is reopened without a rotation stays locked by its writer`() async throws {
        let fixture = try AuditFixture()
        let writer = try fixture.writer()
        for number in 0..<2 {
            writer.reopen()
            #expect(await writer.written(AuditFixture.event(number)))
            #expect(throws: AuditLogError.self) { try fixture.writer(keepsEnd: false) }
        }
        #expect(await writer.stop())
        #expect(fixture.verify(try fixture.lines()).problems == [])
    }

    @Test
    func `Rotation links the new file to the old one`() async throws {
        let fixture = try AuditFixture()
        let writer = try fixture.writer()
        for number in 0..<5 { #expect(await writer.written(AuditFixture.event(number))) }
        #expect(rename(fixture.path(), fixture.path("audit.log.1")) == 0)
        #expect(await writer.written(AuditFixture.event(5)))
        writer.reopen()
        #expect(await writer.written(AuditFixture.event(6)))
        #expect(await writer.stop())
        let old = try fixture.lines("audit.log.1")
        let new = try fixture.lines()
        #expect(old.count == 8)
        #expect(old.last?.contains("AuditClosed") == true)
        #expect(new.first?.contains("\"event\":\"AuditOpened\",\"reason\":\"reopen\"") == true)
        #expect(fixture.verify(old, new).problems == [])
        #expect(fixture.verify(Array(old.dropLast()), new).problemCount == 1)
    }

    @Test
    func `The chain continues after a rotation while the daemon was down`() async throws {
        let fixture = try AuditFixture()
        try await fixture.write(3)
        #expect(rename(fixture.path(), fixture.path("audit.log.1")) == 0)
        try await fixture.write(3)
        #expect(
            fixture.verify(try fixture.lines("audit.log.1"), try fixture.lines()).problems == [])
    }

    @Test
    func `An end cut off before a restart is detected from the log alone`() async throws {
        let fixture = try AuditFixture()
        try await fixture.write(10)
        let kept = try fixture.lines().dropLast(4).map { $0 + "\n" }.joined()
        try Data(kept.utf8).write(to: URL(fileURLWithPath: fixture.path()))
        chmod(fixture.path(), 0o600)
        try await fixture.write(2)
        let verdict = fixture.verify(try fixture.lines())
        #expect(verdict.problems.map(\.text) == ["follows 4 missing lines (seq 9 to 12)"])
    }

    @Test
    func `A line torn by a crash is told apart from a changed line`() async throws {
        let fixture = try AuditFixture()
        try await fixture.write(3)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: fixture.path()))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"seq\":6,\"log\":\"0011".utf8))
        try handle.close()
        try await fixture.write(3)
        let lines = try fixture.lines()
        let verdict = fixture.verify(lines)
        #expect(verdict.problems == [])
        #expect(verdict.tornCount == 1)
        #expect(fixture.verify(lines.filter { !$0.contains("\"torn\":true") }).problemCount > 0)
        // So may the line that says so have been, before it was written again.
        let place = try #require(lines.firstIndex { $0.contains("\"torn\":true") })
        var again = lines
        again.insert(String(lines[place].prefix(50)), at: place)
        #expect(fixture.verify(again).problems == [])
        #expect(fixture.verify(again).tornCount == 2)
    }

    @Test
    func `A line partly written to a full disk is told apart from a changed line`() throws {
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        defer { ends.forEach { close($0) } }
        // It takes a part of a long line, and no more.
        var room: Int32 = 1
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        var log: [UInt8] = []
        func read() {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while case let count = Glibc.read(ends[1], &chunk, chunk.count), count > 0 {
                log += chunk[..<count]
            }
        }
        let fixture = try AuditFixture()
        let core = try AuditWriterCore(
            .standardError, output: AuditStandardErrorOutput(descriptor: ends[0]),
            key: fixture.key, endPath: nil, logIdentifier: "00112233aabbccdd",
            time: { "2026-11-24T06:00:00.000Z" }, trouble: { _ in })
        #expect(core.write([AuditFixture.record(1)], lost: 0).recordCount == 1)
        read()
        var long = AuditFixture.record(2)
        for number in 0..<40 { long.add("x\(number)", String(repeating: "x", count: 1_000)) }
        #expect(core.write([long], lost: 0).hasFailed)
        read()
        #expect(log.last != UInt8(ascii: "\n"))
        #expect(core.write([AuditFixture.record(3)], lost: 1).recordCount == 1)
        read()
        let lines = String(decoding: log, as: UTF8.self).split(separator: "\n").map(String.init)
        let verdict = fixture.verify(lines)
        #expect(verdict.problems == [])
        #expect(verdict.tornCount == 1)
        #expect(lines.count == 6)
    }

    @Test
    func `A full disk loses the events that exceed the queue and blocks nobody`() async throws {
        let fixture = try AuditFixture()
        var limits = AuditWriterLimits()
        limits.waitingMax = 16
        limits.writtenMilliseconds = 50
        let writer = try fixture.writer(.file("/dev/full"), limits: limits)
        for number in 0..<100 { writer.record(AuditFixture.event(number)) }
        #expect(writer.lostCount >= 84)
        #expect(await writer.written(AuditFixture.event(0)) == false)
        #expect(!writer.isHealthy)
        #expect(await writer.stop(milliseconds: 500) == false)
        #expect(fixture.troubles.withLock { $0.first?.contains("/dev/full") } == true)
    }

    @Test
    func `A FIFO without a reader blocks nobody, and a later reader gets the queued events`()
        async throws
    {
        let fixture = try AuditFixture()
        #expect(mkfifo(fixture.path("fifo"), 0o600) == 0)
        var limits = AuditWriterLimits()
        limits.waitingMax = 8
        limits.retryMilliseconds = 10
        let writer = try fixture.writer(.file(fixture.path("fifo")), limits: limits)
        for number in 0..<20 { writer.record(AuditFixture.event(number)) }
        #expect(!writer.isHealthy)
        #expect(writer.lostCount == 12)
        let reader = open(fixture.path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        try #require(reader >= 0)
        var lines: [String] = []
        var rest = ""
        while lines.count < 10 {
            var ready = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            try #require(poll(&ready, 1, 10_000) == 1)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(reader, &buffer, buffer.count)
            guard count > 0 else { continue }
            rest += String(decoding: buffer.prefix(count), as: UTF8.self)
            lines = rest.split(separator: "\n").map(String.init)
        }
        #expect(lines.contains { $0.contains("\"event\":\"AuditLost\",\"count\":12") })
        #expect(fixture.verify(Array(lines.prefix(10))).problems == [])
        #expect(await writer.stop())
    }

    @Test
    func `A FIFO whose reader does not read fills up and blocks nobody`() async throws {
        let fixture = try AuditFixture()
        #expect(mkfifo(fixture.path("fifo"), 0o600) == 0)
        let reader = open(fixture.path("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        var limits = AuditWriterLimits()
        limits.waitingMax = 64
        limits.writtenMilliseconds = 300
        let writer = try fixture.writer(.file(fixture.path("fifo")), limits: limits)
        var written = 0
        while await writer.written(AuditFixture.event(written)) { written += 1 }
        // A pipe holds 64 KiB.
        #expect((100...1000).contains(written))
        let begin = ContinuousClock.now
        for number in 0..<5000 { writer.record(AuditFixture.event(number)) }
        #expect(ContinuousClock.now - begin < .seconds(2))
        #expect(writer.lostCount > 0)
        #expect(await writer.stop(milliseconds: 200) == false)
    }

    @Test
    func `An event during a pause is written when another is awaited or the writer stops`()
        async throws
    {
        let fixture = try AuditFixture()
        var limits = AuditWriterLimits()
        limits.pauseMilliseconds = 3_600_000
        let writer = try fixture.writer(limits: limits)
        #expect(await writer.written(AuditFixture.event(1)))
        writer.record(AuditFixture.event(2))
        #expect(try fixture.lines().count == 2)
        #expect(await writer.written(AuditFixture.event(3)))
        #expect(try fixture.lines().count == 4)
        writer.record(AuditFixture.event(4))
        #expect(await writer.stop())
        let lines = try fixture.lines()
        #expect(lines.count == 6)
        #expect(fixture.verify(lines).problems == [])
    }

    @Test
    func `Events are written without being awaited, whenever they arrive`() async throws {
        // Some come while the line of the opening is written, some in a pause, some behind one.
        for _ in 0..<40 {
            let fixture = try AuditFixture()
            let writer = try fixture.writer()
            let deadline = ContinuousClock.now + .seconds(60)
            for number in 0..<3 {
                writer.record(AuditFixture.event(number))
                while try fixture.lines().count < number + 2, .now < deadline { await Task.yield() }
            }
            try #require(try fixture.lines().count == 4)
            #expect(await writer.stop())
        }
    }

    @Test
    func `The journal gets one datagram for each line`() async throws {
        let fixture = try AuditFixture()
        let server = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(server) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: Array(fixture.path("journal").utf8))
        }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        let writer = try fixture.writer(.journal(fixture.path("journal")))
        #expect(await writer.written(AuditFixture.event(1)))
        #expect(await writer.stop())
        var lines: [String] = []
        for _ in 0..<3 {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(server, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            try #require(count > 0)
            let fields = String(decoding: buffer.prefix(count), as: UTF8.self)
                .split(separator: "\n").map(String.init)
            #expect(fields.contains("SYSLOG_IDENTIFIER=authd"))
            #expect(fields.contains("AUTHD_AUDIT=1"))
            let message = try #require(fields.first { $0.hasPrefix("MESSAGE=") })
            lines.append(String(message.dropFirst("MESSAGE=".count)))
        }
        #expect(fixture.verify(lines, end: try fixture.end()).problems == [])
    }

    @Test
    func `A value from a caller stays within one bounded line of ASCII`() async throws {
        let fixture = try AuditFixture()
        let writer = try fixture.writer()
        var record = AuditRecord(time: "2026-11-24T06:00:01.000Z", event: "Login")
        record.add(
            "client_address",
            "a\"\\\n\u{1b}[31m\u{202e}é\u{1F600}\",\"mac\":\"" + String(repeating: "z", count: 5000)
        )
        let sent = record
        #expect(await writer.written({ sent }))
        #expect(await writer.stop())
        let lines = try fixture.lines()
        #expect(lines.count == 3)
        #expect(lines[1].utf8.allSatisfy { (0x20...0x7e).contains($0) })
        #expect(lines[1].utf8.count < 1024)
        let parsed = try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any]
        #expect(
            (parsed?["client_address"] as? String)?.hasPrefix(
                "a\"\\\n\u{1b}[31m\u{202e}é\u{1F600}\",\"mac") == true)
        #expect(fixture.verify(lines).problems == [])
    }
}
