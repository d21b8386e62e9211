import ArgumentParser
import AuthServer
import SQLiteStore

/// `authctl admin restore`
struct AdminRestore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Replace the SQLite store with a backup.",
        discussion: """
            Works on the store itself, with the daemon's settings (its environment, ./.env or \
            --env-file), as the daemon's user. Stop all daemons first: a store that is open is \
            refused. The backup is checked and left as it is. The previous store is kept beside the \
            new one as NAME.before-restore until you remove it.
            """)

    @Argument(help: "A file that 'authctl admin backup' made.")
    var backup: String

    @Flag(help: "Do not keep the present store.")
    var discard = false

    @OptionGroup var confirmation: Confirmation

    @OptionGroup var offline: OfflineOptions

    private struct Output: Encodable {
        let backup: String
        let store: String
        let entities: Int
        let kept: String?
        let dryRun: Bool
    }

    func run() async throws {
        try await offline.run { () async throws(Failure) in
            guard case .sqlite(let path) = try offline.settings().kind else {
                throw Failure(
                    .usage, "STORE_UNSUITABLE", "the settings name a store without a file",
                    hint: "a store in Azure is filled with 'authctl admin copy'")
            }
            try StoreOwner.check(path)
            if discard, !offline.dryRun {
                try confirmation.ask("Replace \(Format.safe(path)) and keep no copy of it?")
            }
            let outcome: SQLiteRestore.Outcome
            do throws(SQLiteRestoreError) {
                outcome = try SQLiteRestore(backup: backup, path: path)
                    .run(keepsOld: !discard, isDryRun: offline.dryRun)
            } catch {
                throw Failure(error)
            }
            let output = Output(
                backup: backup, store: path, entities: outcome.entityCount, kept: outcome.kept,
                dryRun: offline.dryRun)
            offline.show(output, text(output))
        }
    }

    private func text(_ output: Output) -> String {
        let verb = output.dryRun ? "would restore" : "restored"
        var text = "\(verb) \(output.entities) entities from \(Format.safe(output.backup))"
        text += " to \(Format.safe(output.store))"
        if let kept = output.kept {
            text += "\nthe previous store \(output.dryRun ? "would be" : "is") kept as "
            text += "\(Format.safe(kept)); remove it when you no longer need it: it holds"
            text += " credentials"
        }
        return text
    }
}
