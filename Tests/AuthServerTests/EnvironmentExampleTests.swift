import AuthServer
import Glibc
import TestSupport
import Testing

/// `.env_example` against the table of settings.
struct EnvironmentExampleTests {
    private static let path =
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
        + "/.env_example"

    private func content() throws -> String {
        let file = try #require(fopen(Self.path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Set UPDATE_ENV_EXAMPLE=1 to write the file instead of comparing it.
    @Test func `The example file matches the settings table`() throws {
        let expected = EnvironmentExample.text()
        if getenv("UPDATE_ENV_EXAMPLE") != nil {
            let file = try #require(fopen(Self.path, "w"))
            defer { fclose(file) }
            fputs(expected, file)
        }
        #expect(try content() == expected)
    }

    @Test func `The example file lists every variable once with its default`() throws {
        var found: [String: String] = [:]
        for line in try content().split(separator: "\n") where !line.hasPrefix("# ") {
            let parts = line.dropFirst().split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            #expect(parts.count == 2 && line.hasPrefix("#"), "\(line)")
            #expect(found.updateValue(String(parts[1]), forKey: String(parts[0])) == nil)
        }
        var expected: [String: String] = [:]
        for setting in Setting.all {
            if case .text(let text) = setting.defaultValue {
                expected[setting.name] = text
            } else {
                expected[setting.name] = ""
            }
        }
        #expect(found == expected)
    }

    @Test func `Uncommenting every line of the example file changes no value`() throws {
        let directory = try TemporaryDirectory()
        let active = try content().split(separator: "\n")
            .filter { !$0.hasPrefix("# ") }
            .map { $0.dropFirst() }.joined(separator: "\n")
        let file = try directory.write(".env", active)
        let values = try load(file: file).effectiveValues().map { $0.prefix { $0 != " " } }
        let defaults = try load().effectiveValues().map { $0.prefix { $0 != " " } }
        #expect(values.dropLast() == defaults.dropLast())
    }
}
