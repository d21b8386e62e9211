import DispatchBridge
package import Glibc

/// The service manager that started the daemon and wants to know its state (`sd_notify(3)`).
///
/// What can't be sent is dropped: a manager that does not listen stops nothing.
package struct ServiceManager: Sendable {
    /// How long stopping takes besides calls in flight: the store and the audit log are closed.
    private static let closingTime: Duration = .seconds(15)

    /// Longer than a working manager leaves its queue full.
    private static let sendSecondsMax = 5

    /// How long after the last sign of life the manager gives up the daemon; nil when it never
    /// does.
    private let patience: Duration?
    /// The bytes of the socket's name: a path, or a NUL and an abstract name (unix(7)).
    private let name: [UInt8]

    /// Nil when nobody listens: NOTIFY_SOCKET is not set, or names no Unix socket.
    ///
    /// - Parameters:
    ///   - environment: the process's, as it was started.
    ///   - process: this one.
    package init?(environment: [String: String], process: pid_t = getpid()) {
        guard let text = environment["NOTIFY_SOCKET"] else { return nil }
        var name = Array(text.utf8)
        guard name.count > 1, name.count <= MemoryLayout.size(ofValue: sockaddr_un().sun_path),
            name[0] == UInt8(ascii: "/") || name[0] == UInt8(ascii: "@")
        else { return nil }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        self.name = name
        patience = ServiceManager.patience(environment, process)
    }

    /// The daemon is serving, with its current settings.
    package func ready() async {
        await send(["READY=1"])
    }

    /// The settings are being reloaded; `ready()` says when that is done.
    package func reloading() async {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        await send(["RELOADING=1", "MONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)"])
    }

    /// The daemon is stopping. Asks a manager that would kill it earlier for the time this takes.
    ///
    /// - Parameter grace: how long calls in flight may take.
    package func stopping(within grace: Duration) async {
        let time = (grace + ServiceManager.closingTime).components.seconds * 1_000_000
        var lines = ["STOPPING=1", "EXTEND_TIMEOUT_USEC=\(time)"]
        if patience != nil { lines += ["WATCHDOG_USEC=\(time)", "WATCHDOG=1"] }
        await send(lines)
    }

    /// Sends signs of life twice as often as the manager requires.
    ///
    /// - Parameter probe: returns when the daemon has shown that it works.
    /// - Returns: what sends them, until it is stopped; nil when the manager requires none.
    package func watchdog(
        probe: @escaping @Sendable () async -> Void
    ) -> Watchdog? {
        patience.map { patience in
            Watchdog(every: patience / 2, probe: probe) { await send(["WATCHDOG=1"]) }
        }
    }

    /// Sends lines of `NAME=value`, together in one datagram.
    private func send(_ lines: [String]) async {
        let text = lines.joined(separator: "\n")
        await BlockingCall.run { deliver(text) }
    }

    /// Waits while the manager's queue is full: it treats a start that it does not hear of as
    /// failed.
    private func deliver(_ text: String) {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: ServiceManager.sendSecondsMax, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        var text = text
        text.withUTF8 { text in
            withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    _ = sendto(
                        descriptor, text.baseAddress, text.count, Int32(MSG_NOSIGNAL), address,
                        size)
                }
            }
        }
    }

    /// WATCHDOG_USEC, unless WATCHDOG_PID means another process (`sd_watchdog_enabled(3)`).
    private static func patience(_ environment: [String: String], _ process: pid_t) -> Duration? {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }),
            microseconds > 0
        else { return nil }
        if let target = environment["WATCHDOG_PID"], pid_t(target) != process { return nil }
        return .microseconds(microseconds)
    }
}
