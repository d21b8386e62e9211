import Foundation
import SQLiteStore
import Storage
import TestSupport
import Testing

struct CrashTests {
    @Test(.timeLimit(.minutes(3)))
    func `No acknowledged write is lost when the process is killed fifty times`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "store.db")
        var acknowledged: Set<Int> = []
        for round in 0..<50 {
            let first = round * 1_000_000
            // By a number of acknowledgements, not by time: it is never killed before its work.
            let numbers = try Self.numbers(
                of: path, first: first, killedAfter: .random(in: 1...120))
            #expect(!numbers.isEmpty)
            acknowledged.formUnion(numbers)

            let store = try SQLiteStore(path: path)
            try await store.checkIntegrity()
            let stored = try await Self.stored(in: store)
            let lost = acknowledged.subtracting(stored.keys)
            #expect(lost.isEmpty, "round \(round)")
            #expect(stored.values.allSatisfy { $0 == ["a", "b"] }, "half a transaction")
            // Let go of without `close` every other time: the log then stays for the next one.
            if round.isMultiple(of: 2) { await store.close() }
        }
    }

    /// Runs the writer until it has acknowledged so many numbers, kills it, and returns all that it
    /// had acknowledged by then.
    private static func numbers(
        of path: String, first: Int, killedAfter count: Int
    ) throws -> [Int] {
        let process = Process()
        process.executableURL = Bundle(for: BundleMarker.self).bundleURL
            .appendingPathComponent("StoreCrashWriter")
        process.arguments = [path, "8", "\(first)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var text = Data()
        while text.count(where: { $0 == UInt8(ascii: "\n") }) < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += more
        }
        kill(process.processIdentifier, SIGKILL)
        text += output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == SIGKILL)
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        return try lines.map { try #require(Int($0)) }
    }

    private static func stored(in store: SQLiteStore) async throws -> [Int: Set<String>] {
        var stored: [Int: Set<String>] = [:]
        var continuation: EntityContinuation?
        repeat {
            let page = try await store.scan(after: continuation, limit: 1_000)
            for entity in page.entities {
                let number = try #require(Int(entity.key.partition.dropFirst()))
                #expect(entity.properties == ["n": .int64(Int64(number))])
                stored[number, default: []].insert(entity.key.row)
            }
            continuation = page.next
        } while continuation != nil
        return stored
    }

    private final class BundleMarker {}
}
