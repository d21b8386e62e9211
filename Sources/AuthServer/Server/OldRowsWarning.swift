import Logging
import Storage

/// Warns at start if the store has users of the old application that nothing looks for: they can't
/// log in, and others can take their addresses.
enum OldRowsWarning {
    /// How long to wait for the store.
    private static let secondsMax = 10

    /// Asks for one row, without delaying the start.
    ///
    /// - Parameters:
    ///   - store: where the rows would be.
    ///   - settings: whether they are looked for, and where.
    ///   - logger: for the warning.
    /// - Returns: the task that asks; nil if AUTHD_OLD_TABLE is on.
    @discardableResult
    static func begin(
        _ store: any EntityStore, _ settings: StoreSettings, _ logger: Logger
    ) -> Task<Void, Never>? {
        guard !settings.readsOldTable else { return nil }
        let table = settings.usersTableName
        return Task.detached(priority: .medium) {
            let deadline = ContinuousClock.now + .seconds(secondsMax)
            let rows = try? await StoreDeadline.$current.withValue(deadline) {
                try await store.query(partition: table, rowPrefix: "", limit: 1)
            }
            guard rows?.isEmpty == false else { return }
            logger.warning(
                """
                the store has users of the old application, and AUTHD_OLD_TABLE is off: they \
                can't log in, and others can register their addresses; run 'authctl admin migrate' \
                or set AUTHD_OLD_TABLE=on
                """, metadata: ["partition": "\(table)"])
        }
    }
}
