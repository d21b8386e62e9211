/// Signs of life to the service manager, as long as the daemon shows them.
///
/// Each is sent after the event loops have responded: a hanging loop is not masked by another
/// thread that keeps running.
package final class Watchdog: Sendable {
    let task: Task<Void, Never>

    /// Begins.
    ///
    /// - Parameters:
    ///   - interval: between two signs; half of the manager's timeout.
    ///   - probe: returns when the daemon has shown that it works.
    ///   - report: sends a sign.
    package init(
        every interval: Duration, probe: @escaping @Sendable () async -> Void,
        report: @escaping @Sendable () async -> Void
    ) {
        task = Task.detached {
            repeat {
                await probe()
                if Task.isCancelled { return }
                await report()
            } while (try? await Task.sleep(for: interval)) != nil
        }
    }

    /// No further sign is sent, except one already being sent.
    package func stop() {
        task.cancel()
    }
}
