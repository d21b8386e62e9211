import AuthCore
import AuthServer
import Foundation
import Storage

/// Rows of the old application, which a copy includes as they are.
enum OldRows {
    /// How many users still have one.
    static func count(
        in store: any EntityStore, _ settings: StoreSettings
    ) async -> Result<Int, Failure> {
        do throws(StoreError) {
            let count = try await OldTableMigration(
                store: store, table: OldTable(name: settings.usersTableName), isDryRun: true,
                now: { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }
            ).count()
            return .success(count)
        } catch {
            return .failure(Failure(error))
        }
    }

    /// What to do about them; nil when there are none.
    static func advice(
        _ count: Int, from source: StoreSettings, to target: StoreSettings
    ) -> String? {
        guard count > 0 else { return nil }
        let table = source.usersTableName
        var text = """
            authctl: \(count) users are still rows of the old application (partition \(table)), which \
            no daemon finds in the new store by itself
              run 'authctl admin migrate' before the copy
            """
        if case .azure = target.kind, target.usersTableName != table { return text }
        text += ", or set AUTHD_OLD_TABLE=on and USERS_TABLE_NAME=\(table) for the new store"
        return text
    }
}
