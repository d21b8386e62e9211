import Glibc
import Synchronization

/// Kills the daemon at its `limit`th acknowledged write, while other calls are on their way.
final class KillSwitch: Sendable {
    private let process: DaemonProcess
    private let limit: Int
    private let acknowledged = Mutex(0)

    init(_ process: DaemonProcess, after limit: Int) {
        self.process = process
        self.limit = limit
    }

    var count: Int { acknowledged.withLock { $0 } }

    /// A write was acknowledged.
    func acknowledge() {
        let count = acknowledged.withLock { count in
            count += 1
            return count
        }
        if count == limit { process.signal(SIGKILL) }
    }
}
