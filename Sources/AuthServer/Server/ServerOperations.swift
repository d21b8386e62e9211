import AuditLog
import AuthCore
import AuthService
import DispatchBridge
import SQLiteStore
import Storage
import Synchronization
import Transport

/// What administrators may ask of the running daemon.
final class ServerOperations: DaemonOperations {
    private let version: String
    private let startedAt = SystemClock.now
    private let settings: StoreSettings
    private let store: any EntityStore
    private let hashing: WorkerPool
    /// Set shortly after the services that use them are created.
    private let watched = Mutex<Watched?>(nil)
    private let isBackingUp = Atomic<Bool>(false)

    init(
        version: String, settings: StoreSettings, store: any EntityStore, hashing: WorkerPool
    ) {
        self.version = version
        self.settings = settings
        self.store = store
        self.hashing = hashing
    }

    /// What is counted.
    struct Watched: Sendable {
        let callers: RPCServer
        /// Nil when administrators use the same sockets as everybody.
        let administrators: RPCServer?
        let calls: CallMetrics
        let bcryptRuns: RunCounter
        let audit: AuditWriter
        let tls: TLSCredentials?

        var counters: [(peers: String, counters: ServerCounters)] {
            [("callers", callers), ("administrators", administrators)].compactMap { peers, server in
                server.map { (peers, $0.counters) }
            }
        }
    }

    /// Counts what these do.
    func watch(_ watched: Watched) {
        self.watched.withLock { $0 = watched }
    }

    var metrics: String {
        guard let watched = watched.withLock({ $0 }) else { return "" }
        let metrics = ServerMetrics(
            version: version, store: storeName, startedAt: startedAt, calls: watched.calls,
            hashing: hashing, bcryptRuns: watched.bcryptRuns, audit: watched.audit,
            tls: watched.tls)
        return metrics.text(watched.counters)
    }

    var statistics: DaemonStatistics {
        let counters = watched.withLock { $0 }?.counters.map(\.counters) ?? []
        return DaemonStatistics(
            version: version, startedAt: startedAt, store: storeName,
            connections: counters.reduce(0) { $0 + $1.connections },
            requests: counters.reduce(0) { $0 + $1.requests },
            hashQueueDepth: hashing.queueDepth, hashThreads: hashing.threadCount)
    }

    /// One at a time: a backup reads the whole file.
    func backUp(name: String) async throws(AuthError) -> String {
        guard let store = store as? SQLiteStore else {
            throw .backupFailed("the store is \(storeName), which has no file to copy")
        }
        guard !isBackingUp.exchange(true, ordering: .acquiring) else {
            throw .overloaded(retryAfter: .seconds(10))
        }
        defer { isBackingUp.store(false, ordering: .releasing) }
        let directory = settings.stateDirectory + "/backups"
        do {
            try StateDirectory.prepare(directory)
        } catch {
            throw .backupFailed("\(error)")
        }
        let path = "\(directory)/\(name)"
        do {
            try await store.backup(to: path)
        } catch {
            throw .backupFailed(error.text)
        }
        return path
    }

    private var storeName: String {
        switch settings.kind {
        case .memory: "memory"
        case .sqlite: "sqlite"
        case .azure: "azure"
        }
    }
}
