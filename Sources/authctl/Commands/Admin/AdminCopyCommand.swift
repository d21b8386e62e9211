import ArgumentParser
import AuthCore
import AuthServer
import Foundation
import Storage

/// `authctl admin copy`
struct AdminCopy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy everything from one store to another, empty one, and verify the copy.",
        discussion: """
            Works directly on the stores, with the daemon's settings (its environment, ./.env or \
            --env-file), as the daemon's user. A store is sqlite, sqlite:PATH, azure or azure:TABLE; \
            ENDPOINT and SAS_TOKEN select the account. Stop all daemons of both stores first. \
            --resume continues an interrupted copy.
            """)

    @Option(help: "The store to copy.")
    var from: String

    @Option(help: "The store to copy to; it must be empty.")
    var to: String

    @Flag(help: "Continue a copy that was interrupted.")
    var resume = false

    @OptionGroup var offline: OfflineOptions

    func validate() throws {
        guard !(resume && offline.dryRun) else {
            throw ValidationError("--resume and --dry-run can't be combined.")
        }
    }

    private struct Output: Encodable {
        let from: String
        let to: String
        let entities: Int
        let oldRows: Int
        let dryRun: Bool
    }

    func run() async throws {
        try await offline.run { () async throws(Failure) in
            let settings = try offline.settings()
            let (source, target) = (try named(from, settings), try named(to, settings))
            guard source.place != target.place else {
                throw Failure(.usage, "SAME_STORE", "--from and --to are the same store")
            }
            let sourceStore = try await offline.open(existing: source)
            let targetStore: any EntityStore
            do throws(Failure) {
                targetStore = try await offline.open(target: target)
            } catch {
                await sourceStore.close()
                throw error
            }
            let copy = StoreCopy(
                from: sourceStore, to: targetStore, origin: source.place,
                leavingOut: SessionSweeper.ownPartitions)
            let result = await copying(copy)
            let oldRows = await OldRows.count(in: sourceStore, source)
            await sourceStore.close()
            await targetStore.close()
            let output = Output(
                from: source.place, to: target.place, entities: try result.get(),
                oldRows: try oldRows.get(), dryRun: offline.dryRun)
            offline.show(
                output,
                (offline.dryRun ? "would copy " : "copied and verified ")
                    + "\(output.entities) entities from \(source.place) to \(target.place)")
            if let advice = OldRows.advice(output.oldRows, from: source, to: target) {
                StandardError.print(advice)
            }
        }
    }

    private func named(
        _ text: String, _ settings: StoreSettings
    ) throws(Failure) -> StoreSettings {
        guard let named = settings.naming(text) else {
            throw Failure(
                .usage, "STORE_UNKNOWN", "\(Format.safe(text)) is not a store that can be copied",
                hint: "name sqlite, sqlite:PATH, azure or azure:TABLE")
        }
        return named
    }

    private func copying(_ copy: StoreCopy) async -> Result<Int, Failure> {
        let bar = ProgressBar(isWanted: !offline.json)
        defer { bar.clear() }
        let report = { (progress: StoreCopyProgress) in
            let label =
                switch progress.phase {
                case .counting: "counting"
                case .copying: "copying"
                case .verifying: "verifying"
                }
            bar.show(label, progress.count, of: progress.total)
        }
        do throws(StoreCopyError) {
            return .success(
                offline.dryRun
                    ? try await copy.dryRun(report)
                    : try await copy.run(isResuming: resume, report))
        } catch {
            return .failure(Failure(error))
        }
    }
}
