import AuthServer
import Glibc
import Logging
import Testing

/// The queue between the callers and a reader who may be slow, gone, or broken.
struct LogOutputTests {
    /// A pipe; the ends are closed when it goes.
    private final class Pipe {
        let reader: CInt
        let writer: CInt

        init() throws {
            var ends: [CInt] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reader, writer) = (ends[0], ends[1])
        }

        /// What there is to read until `count` line feeds have come; waits at most 10 s for each
        /// piece.
        func lines(until isLast: (String) -> Bool) -> [String] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            var seen: [String] = []
            while true {
                var ready = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
                guard poll(&ready, 1, 10_000) == 1 else { return seen }
                let count = read(reader, &buffer, buffer.count)
                guard count > 0 else { return seen }
                bytes += buffer[..<count]
                while let end = bytes.firstIndex(of: 0x0a) {
                    seen.append(String(decoding: bytes[..<end], as: UTF8.self))
                    bytes.removeSubrange(...end)
                }
                if let last = seen.last, isLast(last) { return seen }
            }
        }

        deinit {
            close(reader)
            close(writer)
        }
    }

    private func logger(_ output: LogOutput, _ format: LogFormat = .text) -> Logger {
        Logger(label: "test") { _ in
            ServerLogHandler(format: format, level: .info, output: output, now: { 0 })
        }
    }

    @Test func `Lines arrive in order and flush waits for them`() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text)
        let logger = logger(output)
        for index in 0..<100 { logger.info("line", metadata: ["n": "\(index)"]) }
        logger.debug("below the level")
        #expect(output.flush())
        let lines = pipe.lines { $0.hasSuffix(" n=99") }
        #expect(lines == (0..<100).map { "1970-01-01T00:00:00.000Z INFO  line n=\($0)" })
    }

    @Test func `A reader that does not read loses lines but never blocks the logger`() throws {
        let pipe = try Pipe()
        let output = LogOutput(
            descriptor: pipe.writer, format: .text, bytesMax: 200_000, linesMax: 1000)
        let logger = logger(output)
        let padding = String(repeating: "x", count: 100)
        let total = 20_000
        for index in 0..<total {
            logger.info("line", metadata: ["n": "\(index)", "p": "\(padding)"])
        }
        #expect(!output.flush(milliseconds: 1))
        let lines = pipe.lines { $0.contains("log lines lost") }
        let lost = lines.compactMap { line in
            line.contains("log lines lost") ? Int(line.split(separator: "=").last ?? "") : nil
        }
        #expect(lost.reduce(0, +) == total - (lines.count - lost.count))
        #expect(lines.count < 5000)
        #expect(lines.last?.contains(" WARN ") == true)
        logger.info("after")
        #expect(output.flush(milliseconds: 10_000))
        #expect(pipe.lines { $0.hasSuffix("after") }.count == 1)
    }

    @Test func `The queue accepts lines up to its limit and counts the others as lost`() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text, bytesMax: 8, linesMax: 9)
        output.write(Array("1234567\n".utf8))
        #expect(output.flush())
        output.write(Array("12345678\n".utf8))
        output.write(Array("ok\n".utf8))
        let lines = pipe.lines { $0.contains("lost") }
        #expect(lines[..<2] == ["1234567", "ok"])
        #expect(lines.last?.hasSuffix("lines=1") == true)
    }

    @Test func `A descriptor that is broken neither blocks nor spins, and recovers`() throws {
        let pipe = try Pipe()
        let broken = open("/dev/full", O_WRONLY)
        try #require(broken >= 0)
        defer { close(broken) }
        let output = LogOutput(descriptor: broken, format: .text)
        let logger = logger(output)
        for _ in 0..<10 {
            logger.info("lost")
            #expect(output.flush())
        }
        try #require(dup2(pipe.writer, broken) == broken)
        logger.info("back")
        #expect(output.flush())
        let lines = pipe.lines { $0.contains("lines=") }
        #expect(lines.first?.hasSuffix("back") == true)
        #expect(lines.last?.hasSuffix("lines=10") == true)
    }

    @Test func `Many threads write whole lines`() async throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .json)
        let logger = logger(output, .json)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<50 { logger.info("m", metadata: ["id": "\(task)-\(index)"]) }
                }
            }
        }
        logger.info("end")
        let lines = pipe.lines { $0.contains("\"end\"") }
        #expect(Set(lines).count == 401)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\"") && $0.hasSuffix("}") })
    }

    @Test func `Metadata of the call wins over that of the logger`() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.writer, format: .text)
        var logger = logger(output)
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.warning("m", metadata: ["a": "call"])
        #expect(pipe.lines { _ in true }.first?.hasSuffix("WARN  m a=call b=logger") == true)
    }
}
