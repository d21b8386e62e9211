import Foundation
import Glibc
import Testing

@testable import authctl

/// What stands on a terminal while a long command runs.
@Suite struct ProgressBarTests {
    /// A pseudo-terminal: what is written to one end is read from the other.
    private final class Terminal {
        let screen: Int32
        let descriptor: Int32

        /// What openpty(3) does, which Glibc's module does not have.
        init() throws {
            let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
            screen = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var (isLocked, number): (CInt, CInt) = (0, 0)
            try #require(ioctl(screen, unlock, &isLocked) == 0)
            try #require(ioctl(screen, getNumber, &number) == 0)
            descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
            try #require(descriptor >= 0)
            try #require(fcntl(screen, F_SETFL, O_NONBLOCK) == 0)
        }

        deinit {
            close(descriptor)
            close(screen)
        }

        /// What was written since it was last asked.
        func shown() -> String {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(screen, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    private final class Clock {
        var time = ContinuousClock.now
    }

    private static let start = "\r\u{1B}[K"

    @Test func `On a terminal one line is updated in place and cleared at the end`() throws {
        let (terminal, clock) = (try Terminal(), Clock())
        let bar = ProgressBar(
            isWanted: true, descriptor: terminal.descriptor, terminalType: "xterm",
            now: { clock.time })
        bar.show("copying", 5, of: 10)
        let (filled, empty) = (
            String(repeating: "#", count: 15), String(repeating: ".", count: 15)
        )
        #expect(terminal.shown() == Self.start + "copying [\(filled)\(empty)]  50% 5/10")
        bar.show("copying", 6, of: 10)
        #expect(terminal.shown() == "", "not more often than can be seen")
        clock.time += .milliseconds(100)
        bar.show("copying", 5, of: 10)
        #expect(terminal.shown() == "", "nothing is new")
        bar.show("copying", 11, of: 10)
        #expect(terminal.shown().hasSuffix("\(filled)\(filled)] 100% 11/10"))
        bar.show("verifying", 7, of: nil)
        #expect(terminal.shown() == Self.start + "verifying 7", "another label is shown at once")
        bar.show("importing", share: 0.25, "3 lines")
        #expect(terminal.shown().hasSuffix("]  25% 3 lines"))
        bar.clear()
        #expect(terminal.shown() == Self.start)
        bar.clear()
        #expect(terminal.shown() == "")
    }

    @Test(arguments: [(true, "dumb"), (true, nil), (false, "xterm")] as [(Bool, String?)])
    func `No progress is shown on a dumb terminal or when it is not wanted`(
        _ isWanted: Bool, _ terminalType: String?
    ) throws {
        let terminal = try Terminal()
        let bar = ProgressBar(
            isWanted: isWanted, descriptor: terminal.descriptor, terminalType: terminalType)
        bar.show("copying", 5, of: 10)
        bar.clear()
        #expect(terminal.shown() == "")
    }

    @Test func `No progress is shown when the output is not a terminal`() throws {
        let pipe = Pipe()
        let bar = ProgressBar(
            isWanted: true, descriptor: pipe.fileHandleForWriting.fileDescriptor,
            terminalType: "xterm")
        bar.show("copying", 5, of: 10)
        bar.clear()
        try pipe.fileHandleForWriting.close()
        #expect(pipe.fileHandleForReading.readDataToEndOfFile().isEmpty)
    }

    @Test(arguments: ["xterm", "dumb"])
    func `An import shows its progress, except on a dumb terminal`(_ type: String) throws {
        let fixture = try CommandLineFixture()
        let file = fixture.home + "/users.jsonl"
        try Data("{}\n{}\n".utf8).write(to: URL(filePath: file))
        let outcome = try Conversation(
            fixture, "authctl admin import \(file)", ["TERM": type]
        ).end()
        #expect(outcome.exitCode == 1 && outcome.output.contains("LINES_REFUSED"))
        #expect(outcome.output.contains("importing [") == (type == "xterm"), "\(outcome.output)")
    }
}
