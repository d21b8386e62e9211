import AuthServer
import Logging
import Testing

/// What a log line looks like, above all when its parts come from an attacker.
struct LogFormatTests {
    private static let time: Int64 = 1_795_467_963_123

    private func line(
        _ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]
    ) -> String {
        String(
            decoding: format.line(
                time: Self.time, level: .info, message: message, metadata: metadata),
            as: UTF8.self)
    }

    @Test func `A text line has time, level, message and sorted metadata`() {
        #expect(
            line(.text, "started", ["b": "two words", "a": "1", "c": ""])
                == "2026-11-23T21:06:03.123Z INFO  started a=1 b=\"two words\" c=\"\"\n")
    }

    @Test func `A JSON line has the same parts and keeps numbers, lists and dictionaries`() {
        #expect(
            line(
                .json, "started",
                ["n": .stringConvertible(3), "l": ["x", "y"], "d": ["k": "v"], "t": "1"])
                == #"{"time":"2026-11-23T21:06:03.123Z","level":"info","message":"started","#
                + #""d":{"k":"v"},"l":["x","y"],"n":3,"t":"1"}"# + "\n")
    }

    @Test func `Times before and after 1970 and in leap years are right`() {
        for (time, text): (Int64, String) in [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        ] {
            let bytes = LogFormat.text.line(
                time: time, level: .error, message: "m", metadata: [:])
            #expect(String(decoding: bytes, as: UTF8.self) == text + " ERROR m\n")
        }
    }

    private static let attacks = [
        "x\n2026-11-23T21:06:03.123Z INFO  login user=admin", "x\r\nforged",
        "\u{1b}[2J\u{1b}]0;t\u{7}", "\u{9b}31m", "a\u{2028}b\u{2029}c", "\u{202e}gnp.exe",
        "\u{85}", "\u{0}", "\" level=\"error",
        "\",\"level\":\"error", "\\", "\\\"", "\u{e000}", "\u{200b}", "\u{10ffff}", "\u{feff}",
        String(decoding: [0x61, 0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80], as: UTF8.self),
    ]

    @Test(arguments: attacks, LogFormat.allCases)
    func `No input can end the line or send control characters to the terminal`(
        attack: String, format: LogFormat
    ) {
        for text in [
            line(format, attack), line(format, "m", ["k": .string(attack)]),
            line(format, "m", [attack: "v"]), line(format, "m", ["k": [attack: [.string(attack)]]]),
        ] {
            let scalars = Array(text.unicodeScalars)
            #expect(scalars.last == "\n")
            for scalar in scalars.dropLast() {
                #expect(scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value))
                #expect(
                    ![0x2028, 0x2029, 0x202e, 0x200b, 0xfeff, 0xe000].contains(scalar.value))
            }
        }
    }

    @Test func `A value cannot pass for another field of a text line`() {
        #expect(
            line(.text, "m", ["user": "a level=error"]).hasSuffix("m user=\"a level=error\"\n"))
        #expect(line(.text, "m", ["user": "a\" x=\"b"]).hasSuffix(#"m user="a\" x=\"b""# + "\n"))
        #expect(line(.text, "failed user=admin").hasSuffix(#"INFO  "failed user=admin""# + "\n"))
        #expect(line(.text, "m", ["a b=c": "v"]).hasSuffix("m a_b_c=v\n"))
    }

    @Test func `JSON strings are escaped exactly`() {
        let text = line(.json, "m", ["k": "a\"b\\c\nd\u{1b}e\u{e0001}ü"])
        #expect(text.contains(#""k":"a\"b\\c\nd\u001be\udb40\udc01ü""#))
    }

    @Test func `Metadata cannot override the time, level or message`() {
        let text = line(.json, "m", ["level": "error", "level_": "x", "time": "never"])
        #expect(text.contains(#""level":"info","message":"m","level_":"error","level__":"x""#))
        #expect(text.contains(#""time_":"never""#))
    }

    @Test(arguments: LogFormat.allCases)
    func `A line stays bounded whatever it is given`(format: LogFormat) {
        let long = String(repeating: "\u{1b}", count: 1_000_000)
        var metadata: Logger.Metadata = [:]
        for index in 0..<1000 { metadata["key\(index)"] = .string(long) }
        metadata["a"] = .array(.init(repeating: .string(long), count: 1000))
        let text = line(format, long, metadata)
        #expect(text.utf8.count < 64 * 1024)
        #expect(text.contains("truncated"))
        #expect(text.contains("…"))
    }
}
