import Storage
import Synchronization

/// The readers of a store; each read goes to the one with the least to do.
final class SQLiteReaders: Sendable {
    private let readers: [SQLiteReader]
    private let readsMax: Int
    private let path: String
    /// How many reads each reader has in progress or waiting.
    private let loads: Mutex<[Int]>

    init(_ readers: [SQLiteReader], path: String, readsMax: Int) {
        self.readers = readers
        self.path = path
        self.readsMax = readsMax
        loads = Mutex(Array(repeating: 0, count: readers.count))
    }

    /// Runs one read.
    ///
    /// - Throws: `.unavailable` when too many reads wait; what `body` throws.
    func read<Value: Sendable>(
        _ body: (isolated SQLiteReader) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard let index = acquire() else {
            throw .unavailable("\(path): the read queue is full")
        }
        defer { loads.withLock { $0[index] -= 1 } }
        return try await body(readers[index])
    }

    /// Finishes the reads in progress and closes the connections.
    func close() async {
        for reader in readers { await reader.close() }
    }

    private func acquire() -> Int? {
        loads.withLock { loads in
            let least = loads.indices.min { loads[$0] < loads[$1] }
            guard let least, loads.reduce(0, +) < readsMax else { return nil }
            loads[least] += 1
            return least
        }
    }
}
