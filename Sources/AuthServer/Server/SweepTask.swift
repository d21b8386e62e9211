import AuthCore
import Logging
import Storage

/// Sweeps expired sessions in the background for as long as the server runs.
final class SweepTask: Sendable {
    /// After a store failure, how much later the next attempt is made.
    private static let retryPause: Duration = .seconds(60)
    /// The first step is taken at a random moment within this time: daemons that start together
    /// don't all query at once, and startup is not slowed.
    private static let startPauseSeconds: ClosedRange<Int> = 5...65

    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - sweeper: takes the steps.
    ///   - logger: for what was removed, and for store failures.
    ///   - startPause: before the first step; nil for a random time.
    init(_ sweeper: SessionSweeper, logger: Logger, startPause: Duration? = nil) {
        // Not with a low priority: a Dispatch thread that took it could not go back without a
        // privilege.
        task = Task.detached(priority: .medium) {
            var pause =
                startPause ?? .seconds(Int.random(in: SweepTask.startPauseSeconds))
            var removedCount = 0
            while (try? await Task.sleep(for: pause)) != nil {
                do throws(StoreError) {
                    let step = try await sweeper.step(at: SystemClock.now)
                    pause = step.pause
                    removedCount += step.removedCount
                    if step.removedCount == 0, removedCount > 0 {
                        logger.info(
                            "expired sessions removed", metadata: ["count": "\(removedCount)"])
                        removedCount = 0
                    }
                } catch {
                    pause = SweepTask.retryPause
                    logger.warning(
                        "a sweep of expired sessions was interrupted",
                        metadata: ["cause": "\(error.text)"])
                }
            }
        }
    }

    /// Stops, after the store call in progress.
    func stop() async {
        task.cancel()
        await task.value
    }
}
