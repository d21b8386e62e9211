import Logging
import Storage
import Synchronization
import TestSupport
import Testing

@testable import AuthServer

/// The warning about users of the old application that are not looked for.
struct OldRowsWarningTests {
    private final class Lines: Sendable {
        let texts = Mutex<[String]>([])
    }

    private struct Keeper: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.texts.withLock { $0.append("\(event.level) \(event.message)") }
        }
    }

    private static func warnings(
        _ store: any EntityStore, _ values: [String: String] = [:]
    ) async throws -> [String]? {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Keeper(lines: lines) }
        let settings = try AuthServerTests.load(values).store
        guard let task = OldRowsWarning.begin(store, settings, logger) else { return nil }
        await task.value
        return lines.texts.withLock { $0 }
    }

    @Test
    func `Old rows that the daemon does not look up cause one warning, at the cost of one read`()
        async throws
    {
        let memory = MemoryStore()
        let store = CountingStore(memory)
        #expect(try await Self.warnings(store) == [])
        for number in 0..<3 {
            let key = EntityKey(partition: "Users", row: "user\(number)@example.com")
            _ = try await memory.transact(partition: "Users", [.insert(key, [:])])
        }
        let before = store.callCount
        let lines = try #require(try await Self.warnings(store))
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("warning") == true)
        #expect(lines.first?.contains("admin migrate") == true)
        #expect(store.callCount == before + 1)
        #expect(try await Self.warnings(store, ["USERS_TABLE_NAME": "Others"]) == [])
        #expect(try await Self.warnings(store, ["AUTHD_OLD_TABLE": "on"]) == nil)
    }

    @Test func `A failing store causes no warning`() async throws {
        #expect(try await Self.warnings(StoppingStore(MemoryStore(), after: 0)) == [])
    }
}
