import ArgumentParser
import AuthCore
import AuthServer
import Foundation
import Storage

/// `authctl admin migrate`
struct AdminMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Move all users of the old application over; their passwords are not needed.",
        discussion: """
            Works directly on the store, with the daemon's settings (its environment, ./.env or \
            --env-file), as the daemon's user. The old table is the partition USERS_TABLE_NAME. \
            Hashes and sealed TOTP secrets are copied as they are. Stop the old application first; \
            authd may keep serving. It can be interrupted and run again.
            """)

    @OptionGroup var offline: OfflineOptions

    private struct Output: Encodable {
        let dryRun: Bool
        var rows = 0
        var moved = 0
        var movedWithMFA = 0
        var finished = 0
        var gone = 0
        var left: [LeftRow] = []

        mutating func add(_ outcome: OldRowOutcome) {
            rows += 1
            switch outcome.kind {
            case .moved(let hasSecondFactor):
                moved += 1
                movedWithMFA += hasSecondFactor ? 1 : 0
            case .finished: finished += 1
            case .gone: gone += 1
            case .taken: left.append(LeftRow(row: outcome.row, reason: "TAKEN"))
            case .addressInvalid: left.append(LeftRow(row: outcome.row, reason: "EMAIL_INVALID"))
            case .unreadable: left.append(LeftRow(row: outcome.row, reason: "UNREADABLE"))
            case .busy: left.append(LeftRow(row: outcome.row, reason: "BUSY"))
            }
        }

        var text: String {
            var fields = [
                ("rows in the old table", String(rows)),
                (dryRun ? "would be moved" : "moved", "\(moved), \(movedWithMFA) of them with MFA"),
            ]
            if finished > 0 { fields.append(("moved earlier, now removed", String(finished))) }
            if gone > 0 { fields.append(("moved meanwhile by another process", String(gone))) }
            if !left.isEmpty { fields.append(("left alone", String(left.count))) }
            let lines = left.map { "  \(Format.safe($0.row)): \($0.reason)" }
            return ([Format.fields(fields)] + lines).joined(separator: "\n")
        }
    }

    private struct LeftRow: Encodable {
        let row: String
        let reason: String
    }

    func run() async throws {
        try await offline.run { () async throws(Failure) in
            let settings = try offline.settings()
            let store = try await offline.open(existing: settings)
            let result = await moving(in: store, settings)
            await store.close()
            let output = try result.get()
            offline.show(output, output.text)
            guard output.left.isEmpty else {
                throw Failure(
                    .refused, "ROWS_LEFT", "\(output.left.count) rows were left alone",
                    hint: "README, \"Old tables\", says what each reason means")
            }
        }
    }

    private func moving(
        in store: any EntityStore, _ settings: StoreSettings
    ) async -> Result<Output, Failure> {
        let migration = OldTableMigration(
            store: store, table: OldTable(name: settings.usersTableName),
            isDryRun: offline.dryRun,
            now: { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) })
        let bar = ProgressBar(isWanted: !offline.json)
        defer { bar.clear() }
        var output = Output(dryRun: offline.dryRun)
        do throws(StoreError) {
            let total = try await migration.count()
            var place: EntityContinuation?
            repeat {
                let page = try await migration.page(after: place)
                for outcome in page.outcomes { output.add(outcome) }
                place = page.next
                bar.show(offline.dryRun ? "reading" : "moving", output.rows, of: total)
            } while place != nil
            return .success(output)
        } catch {
            return .failure(Failure(error))
        }
    }
}
