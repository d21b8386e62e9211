import Dispatch
import GRDB
import Storage
import Synchronization

/// The one connection that writes, on its own queue: it commits all waiting transactions
/// as one, so that they share the sync that makes them durable.
///
/// `@unchecked Sendable`: `database` and `log` are only touched on `queue`, the rest is Sendable.
final class SQLiteWriter: @unchecked Sendable {
    /// What the writer did since it was opened.
    struct Counts: Sendable {
        /// SQLite transactions that were committed, each with one sync.
        var commits = 0
        /// Callers' transactions in them that were acknowledged.
        var transactions = 0
    }

    private let file: SQLiteFile
    private var path: String { file.path }
    private let options: SQLiteStoreOptions
    private let waiting: CommitQueue
    private let queue = DispatchQueue(label: "authd.store.writer")
    private let counted = Mutex(Counts())
    private var database: DatabaseQueue?
    private var log = LogState()

    /// When the log is to be emptied.
    private struct LogState {
        var isScheduled = false
        /// When that is overdue, even if writes go on; nil when it is empty.
        var deadline: ContinuousClock.Instant?
        var lastWrite = ContinuousClock.now
    }

    init(file: SQLiteFile, database: DatabaseQueue, options: SQLiteStoreOptions) {
        self.file = file
        self.options = options
        self.database = database
        waiting = CommitQueue(
            name: file.path, countMax: options.waitingTransactionsMax,
            bytesMax: options.waitingBytesMax)
    }

    var counts: Counts { counted.withLock { $0 } }

    var waitingCount: Int { waiting.count }

    var isWriting: Bool { waiting.isTaken }

    /// Writes together with all others that wait; returns when it is durable.
    ///
    /// A cancelled task's write is dropped while it waits, and finished once it has begun.
    ///
    /// - Returns: the new version for each operation of a transaction; nil for a delete.
    func write(_ write: PendingWrite) async throws(StoreError) -> [ETag?] {
        let id = waiting.reserve()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = CommitQueue.Waiter(
                    id: id, write: write, continuation: continuation)
                if waiting.add(waiter) { queue.async { self.drain() } }
            }
        } onCancel: {
            waiting.cancel(id)
        }
        return try outcome.get()
    }

    /// Writes what is waiting, empties the log into the file, and closes it.
    func close() async {
        waiting.close()
        await withCheckedContinuation { continuation in
            // After a drain that may be running, which leaves nothing.
            queue.async {
                try? self.database?.inDatabase { _ = try $0.checkpoint(.truncate) }
                try? self.database?.close()
                self.database = nil
                continuation.resume()
            }
        }
    }

    private func drain() {
        while true {
            let batch = waiting.take(atMost: options.batchTransactionsMax)
            guard !batch.isEmpty else { break }
            let outcomes = commit(batch.map(\.write))
            for (waiter, outcome) in zip(batch, outcomes) {
                waiter.continuation.resume(returning: outcome)
            }
            log.lastWrite = .now
            let deadline = log.deadline ?? log.lastWrite + options.logAgeMax
            log.deadline = deadline
            // Under load this loop does not end, and nothing that is scheduled runs.
            if deadline <= log.lastWrite { emptyLog() }
        }
        scheduleLogTruncation(after: min(options.logTruncationDelay, options.logAgeMax))
    }

    /// Writes each one that can be written, and commits them together.
    private func commit(_ writes: [PendingWrite]) -> [CommitQueue.Outcome] {
        guard let database else {
            let closed = StoreError.unavailable("\(path): the store is closed")
            return writes.map { _ in .failure(closed) }
        }
        return database.inDatabase { database in
            var outcomes: [CommitQueue.Outcome] = []
            var isCommit = false
            do {
                try PreparedStatement("BEGIN IMMEDIATE", in: database).run()
                for write in writes {
                    outcomes.append(try outcome(of: write, in: database))
                }
                // What goes into a file without a name is lost with this process.
                try file.checkIsInPlace()
                isCommit = true
                try PreparedStatement("COMMIT", in: database).run()
            } catch {
                // None of them is stored: whatever was to be acknowledged is not.
                rollBack(database)
                let failure = StoreError(sqlite: error, path: path, isCommit: isCommit)
                return writes.map { _ in .failure(failure) }
            }
            count(outcomes)
            return outcomes
        }
    }

    /// Writes one inside the open transaction.
    ///
    /// - Throws: the error that also ended those before it.
    private func outcome(
        of write: PendingWrite, in database: Database
    ) throws -> CommitQueue.Outcome {
        do {
            return .success(try write.apply(in: database, path: path))
        } catch {
            guard database.isInsideTransaction else { throw error }
            return .failure(StoreError(sqlite: error, path: path))
        }
    }

    private func rollBack(_ database: Database) {
        // After some errors SQLite has done so by itself. If it can't, the next BEGIN fails.
        guard database.isInsideTransaction else { return }
        try? PreparedStatement("ROLLBACK", in: database).run()
    }

    private func count(_ outcomes: [CommitQueue.Outcome]) {
        var written = 0
        for case .success in outcomes { written += 1 }
        guard written > 0 else { return }
        counted.withLock { counts in
            counts.commits += 1
            counts.transactions += written
        }
    }

    /// Empties the log once nothing was written for a while, and once it is old in any case: what was
    /// deleted or replaced is overwritten in the file, and would otherwise stay in the log until new
    /// commits happen to cover it.
    private func scheduleLogTruncation(after delay: Duration) {
        guard !log.isScheduled else { return }
        log.isScheduled = true
        let (seconds, attoseconds) = delay.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in
            self?.truncateLog()
        }
    }

    private func truncateLog() {
        log.isScheduled = false
        guard let deadline = log.deadline else { return }
        let rest = min(log.lastWrite + options.logTruncationDelay, deadline) - .now
        guard rest <= .zero else { return scheduleLogTruncation(after: rest) }
        emptyLog()
        if log.deadline != nil { scheduleLogTruncation(after: options.logTruncationDelay) }
    }

    private func emptyLog() {
        guard let database else { return }
        let isTruncated = database.inDatabase { database in
            // A reader may be on an old snapshot. No writer waits for it: the next attempt will do.
            try? database.execute(sql: "PRAGMA busy_timeout = 0")
            defer {
                try? database.execute(
                    sql: "PRAGMA busy_timeout = \(options.lockMillisecondsMax)")
            }
            return (try? database.checkpoint(.truncate)) != nil
        }
        log.deadline = isTruncated ? nil : .now + options.logTruncationDelay
    }
}
