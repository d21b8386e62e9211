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
    /// Known a moment after the services that ask for them.
    private let servers = Mutex<[RPCServer]>([])
    private let isBackingUp = Atomic<Bool>(false)

    init(
        version: String, settings: StoreSettings, store: any EntityStore, hashing: WorkerPool
    ) {
        self.version = version
        self.settings = settings
        self.store = store
        self.hashing = hashing
    }

    /// Counts what these servers serve.
    func watch(_ servers: [RPCServer]) {
        self.servers.withLock { $0 = servers }
    }

    var statistics: DaemonStatistics {
        let counters = servers.withLock { $0.map(\.counters) }
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
            throw .backupFailed(StoreErrorText.text(error))
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
