import Logging
import Storage

/// Says at the start when users of the old application are in the store, and nobody looks for them:
/// they can't log in, and others can take their addresses.
enum OldRowsWarning {
    /// A store that does not answer is not waited for any longer.
    private static let secondsMax = 10

    /// Asks for one row, beside the start and not before it.
    ///
    /// - Parameters:
    ///   - store: where the rows would be.
    ///   - settings: whether they are looked for, and where.
    ///   - logger: for the warning.
    /// - Returns: the task that asks; nil where AUTHD_OLD_TABLE is on.
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
                users of the old application are in the store, and AUTHD_OLD_TABLE is off: they \
                can't log in, and others can register their addresses; run 'authctl admin migrate' \
                or set AUTHD_OLD_TABLE=on
                """, metadata: ["partition": "\(table)"])
        }
    }
}
