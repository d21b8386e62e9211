import ArgumentParser
import AuthClient
import Foundation
import Glibc

/// `authctl admin import`
struct AdminImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Add accounts with password hashes from another system.",
        discussion: """
            FILE has one JSON object per line; '-' is standard input. Required are "email" and \
            "password_hash" (bcrypt, bcrypt-sha256, argon2id, scrypt or PBKDF2); see the README for \
            the others. Unknown names are refused.

            It may be stopped and run again: accounts imported by an earlier run are skipped. \
            Refused lines go to the report, with line number and reason. Exit code 1 if there are \
            any.
            """)

    @Argument(help: "File of JSON lines, or '-'.")
    var file: String

    @Flag(help: "Check every line, but store nothing.")
    var dryRun = false

    @Option(help: "Where the refused lines go; a file is replaced. Default: FILE.refused.jsonl.")
    var report: String?

    @Option(help: "Lines processed at once, 1 to 256.")
    var inFlight = 64

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (1...256).contains(inFlight) else {
            throw ValidationError("--in-flight must be 1 to 256.")
        }
        guard file != "-" || report != nil else {
            throw ValidationError("When reading standard input, name a --report file.")
        }
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            // A report may be a FIFO whose reader leaves.
            signal(SIGPIPE, SIG_IGN)
            var reader = try LineReader(path: file)
            let refused = try PrivateOutputFile(
                replacing: report ?? file + ".refused.jsonl", besides: file)
            let progress = ProgressBar(isWanted: !context.json)
            let importer = Importer(context: context, isDryRun: dryRun, inFlightMax: inFlight)
            let totals: Importer.Totals
            do throws(Failure) {
                totals = try await importer.run(&reader, report: refused, progress: progress)
            } catch {
                progress.clear()
                // Without a refused line an earlier report stays.
                if refused.isEmpty { refused.remove() } else { try? refused.finish() }
                throw error
            }
            progress.clear()
            try refused.finish()
            if totals.refused == 0 { refused.remove() }
            context.show(
                totals,
                Format.fields([
                    ("lines", "\(totals.lines)"),
                    (dryRun ? "would be imported" : "imported", "\(totals.imported)"),
                    ("already there", "\(totals.alreadyThere)"), ("refused", "\(totals.refused)"),
                ]))
            guard totals.refused == 0 else {
                throw Failure(
                    .refused, "LINES_REFUSED", "\(totals.refused) lines were refused",
                    hint: "\(refused.path) lists them with the reasons")
            }
        }
    }
}

/// `authctl admin export`
struct AdminExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all accounts, with their password hashes, to a file with mode 0600.",
        discussion: """
            'authctl admin import' reads this format. Keep the file as secret as the store. It gets \
            its name once it is complete. Only for root and the daemon's user.

            Accounts whose rows are damaged are left out; exit code 4 if there are any.
            """)

    @Argument(help: "File to create; it must not exist.")
    var file: String

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard file != "-" else {
            throw ValidationError("Name a new file: hashes are not written to standard output.")
        }
    }

    private struct Output: Encodable {
        let file: String
        let accounts: Int
        let unreadable: Int
    }

    func run() async throws {
        try await common.run { context throws(Failure) in
            let output = try PrivateOutputFile(path: file)
            var count = 0
            var unreadableCount = 0
            do throws(Failure) {
                var next: Secret?
                repeat {
                    let place = next
                    let page = try await context.call { () async throws(AuthClientError) in
                        try await context.client.exportUsers(
                            after: place, pageSize: 500, options: context.options)
                    }
                    for user in page.users { try output.write(Format.line(UserLine(user))) }
                    count += page.users.count
                    unreadableCount += page.unreadableCount
                    next = page.next
                } while next != nil
                try output.finish()
            } catch {
                // Nobody needs half of the accounts.
                output.remove()
                throw error
            }
            context.show(
                Output(file: file, accounts: count, unreadable: unreadableCount),
                "\(count) accounts written to \(file)")
            guard unreadableCount == 0 else {
                throw Failure(
                    .failed, "ACCOUNTS_UNREADABLE",
                    "\(unreadableCount) accounts can't be read and are not in \(file)",
                    hint: "the daemon's log names their partitions")
            }
        }
    }
}
