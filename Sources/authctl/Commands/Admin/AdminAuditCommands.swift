import ArgumentParser
import AuditLog
import AuthClient
import Bytes
import Foundation

/// `authctl admin audit`
struct AdminAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check audit logs without the daemon.",
        subcommands: [AdminAuditVerify.self, AdminAuditKey.self])
}

/// `authctl admin audit verify`
struct AdminAuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that an audit log is complete and unchanged.",
        discussion: """
            Name all files of the log, oldest first; - is standard input. Lines that were \
            changed, removed, added or moved are shown. Missing lines at the end are noticed only \
            with the state directory, which records where the log ends.

            The key is read from --key-file, else derived from the daemon's JWT_SECRET (its \
            environment, ./.env or --env-file), else from the file jwt_secret in the state \
            directory. A log that continues under another key, because JWT_SECRET was changed, \
            needs all keys: --key-file for each, or --key-file for the older ones and --env-file \
            for the current one.

            The daemon's own log, which contains the audit log by default (AUTHD_AUDIT=stderr), \
            needs --mixed.

            Exit code 1 if something is wrong.
            """)

    @Argument(help: "The files of the log, oldest first.")
    var files: [String]

    @Flag(help: "Skip lines that are not audit lines, as in the daemon's own log.")
    var mixed = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var source: AuditKeySource

    private struct Output: Encodable {
        let whole: Bool
        let lines: Int
        let firstSequence: UInt64?
        let lastSequence: UInt64?
        let tornLines: Int
        let otherLines: Int
        let otherKeyLines: Int
        let notes: [String]
        let problemCount: Int
        let problems: [String]
    }

    func run() async throws {
        do {
            try check()
        } catch {
            var failure = error
            failure.json = json
            throw failure
        }
    }

    private func check() throws(Failure) {
        let keys = try source.keys()
        var verifier = AuditVerifier(keys: keys, skipsOthers: mixed)
        for file in files {
            verifier.begin(file: file)
            var reader = try LineReader(path: file)
            while let line = try reader.next() { verifier.check(line.bytes) }
        }
        let end = try source.end(keys)
        verifier.finish(end: end)
        report(verifier, knowsEnd: end != nil)
        guard verifier.problemCount == 0 else {
            throw Failure(
                .refused, "AUDIT_LOG_DAMAGED",
                "the log is not as authd wrote it; problems: \(verifier.problemCount)",
                hint: hint(verifier))
        }
    }

    /// What it may be, other than damage.
    private func hint(_ verifier: AuditVerifier) -> String? {
        if verifier.otherKeyCount > 0 {
            return """
                if JWT_SECRET was changed, also name the older key with --key-file; if it is in a \
                .env file, name that with --env-file
                """
        }
        guard verifier.formlessCount > 0, !mixed else { return nil }
        return "if the file also contains other lines, as the daemon's own log does, add --mixed"
    }

    private func report(_ verifier: AuditVerifier, knowsEnd: Bool) {
        if json {
            print(
                Format.json(
                    Output(
                        whole: verifier.problemCount == 0, lines: verifier.lineCount,
                        firstSequence: verifier.sequences?.lowerBound,
                        lastSequence: verifier.sequences?.upperBound,
                        tornLines: verifier.tornCount, otherLines: verifier.otherCount,
                        otherKeyLines: verifier.otherKeyCount,
                        notes: verifier.notes.map(\.description),
                        problemCount: verifier.problemCount,
                        problems: verifier.problems.map(\.description))))
            return
        }
        for problem in verifier.problems { print(Format.safe(problem.description)) }
        if verifier.problemCount > verifier.problems.count { print("… and more") }
        for note in verifier.notes { print(Format.safe(note.description)) }
        guard let sequences = verifier.sequences else { return }
        print(
            "\(verifier.lineCount) valid lines, seq \(sequences.lowerBound) to"
                + " \(sequences.upperBound)")
        if sequences.lowerBound > 1 { print("earlier lines are not in these files") }
        if verifier.tornCount > 0 { print("\(verifier.tornCount) lines were torn by a crash") }
        if !knowsEnd {
            print("without the state directory, missing lines at the end go unnoticed")
        }
    }
}

/// `authctl admin audit key`
struct AdminAuditKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Write the audit log's key to a file with mode 0600.",
        discussion: """
            With it, logs can be checked on another machine, by somebody who does not have the \
            server secret. Whoever has it could also forge a log that passes the check. Also write \
            it before changing JWT_SECRET: what was logged until then needs the older key.
            """)

    @Argument(help: "The file to create; it must not exist.")
    var file: String

    @OptionGroup var source: AuditKeySource

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let output = NewSecretFile(path: file)
        try output.expectAbsence()
        guard source.keyFiles.isEmpty else {
            throw Failure(.usage, "USAGE", "the key of the daemon is written; omit --key-file")
        }
        let text = try source.daemonKey().fileText
        try output.create(text.withUnsafeBytes { Secret(copying: $0) })
        if json { print(Format.json(["file": file])) }
    }
}
