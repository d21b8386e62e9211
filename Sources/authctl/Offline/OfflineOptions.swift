import ArgumentParser
import AuthServer
import Foundation
import Storage

/// For commands that open a store themselves, with the daemon's settings.
struct OfflineOptions: ParsableArguments {
    @Option(help: "Read the daemon's settings from this .env file instead of ./.env.")
    var envFile: String?

    @Flag(help: "Only show what would be done.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    /// The settings of the store.
    func settings() throws(Failure) -> StoreSettings {
        try OfflineSettings.load(envFile: envFile).store
    }

    /// Opens a store that must already exist.
    func open(existing settings: StoreSettings) async throws(Failure) -> any EntityStore {
        if case .sqlite(let path) = settings.kind, !FileManager.default.fileExists(atPath: path) {
            throw Failure(.usage, "NO_STORE", "\(path): no such file")
        }
        return try await open(settings)
    }

    /// Opens a store for writing, which is created if possible; in a dry run a missing one
    /// is not created.
    func open(target settings: StoreSettings) async throws(Failure) -> any EntityStore {
        if dryRun, case .sqlite(let path) = settings.kind,
            !FileManager.default.fileExists(atPath: path)
        {
            return MemoryStore()
        }
        return try await open(settings, createsNothing: dryRun)
    }

    private func open(
        _ settings: StoreSettings, createsNothing: Bool = false
    ) async throws(Failure) -> any EntityStore {
        if case .sqlite(let path) = settings.kind { try StoreOwner.check(path) }
        do {
            return try await StoreOpening.open(settings, isDryRun: createsNothing) {
                StandardError.print($0)
            }
        } catch {
            throw Failure(
                .failed, "STORE_UNAVAILABLE", "\(error)",
                hint: "run it as the daemon's user, with its environment or --env-file")
        }
    }

    /// Runs `body`; failures are reported in the requested form.
    func run(_ body: () async throws(Failure) -> Void) async throws {
        try await Failure.reported(asJSON: json, body)
    }

    /// Prints `value` as JSON, or `text`.
    func show(_ value: some Encodable, _ text: @autoclosure () -> String) {
        print(json ? Format.json(value) : text())
    }
}
