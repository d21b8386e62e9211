import ArgumentParser
import AuditLog
import Foundation

/// `authctl admin audit`
struct AdminAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check audit logs, without the daemon.",
        subcommands: [AdminAuditVerify.self, AdminAuditKey.self])
}

/// `authctl admin audit verify`
struct AdminAuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that an audit log is whole and unchanged.",
        discussion: """
            Name all files of the log, the oldest first; - is standard input. Lines that were \
            changed, removed, added or moved are shown. Lines that are missing at the end show when \
            the state directory is there to say where the log ends.

            The key is in --key-file, else it is made from the daemon's JWT_SECRET (its environment, \
            ./.env or --env-file), else from the file jwt_secret in the state directory. A log that \
            goes on under another key, because JWT_SECRET was changed, needs all of them: --key-file \
            for each, or --key-file for the older ones and --env-file for the present one.

            The daemon's own log, among whose lines the audit log stands by default \
            (AUTHD_AUDIT=stderr), needs --mixed.

            Exit code 1 when something is wrong.
            """)

    @Argument(help: "The files of the log, the oldest first.")
    var files: [String]

    @Flag(help: "Leave out lines that are no audit lines, as in the daemon's own log.")
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
            try AuditLines.forEach(of: file) { verifier.check($0) }
        }
        let end = try source.end(keys)
        verifier.finish(end: end)
        report(verifier, knowsEnd: end != nil)
        guard verifier.problemCount == 0 else {
            throw Failure(
                .refused, "AUDIT_LOG_DAMAGED",
                "the log is not as authd wrote it: \(verifier.problemCount) problems",
                hint: hint(verifier))
        }
    }

    /// What else than damage it may be.
    private func hint(_ verifier: AuditVerifier) -> String? {
        if verifier.otherKeyCount > 0 {
            return """
                was JWT_SECRET changed? give the older key, too, with --key-file; is JWT_SECRET in a \
                .env file? name it with --env-file
                """
        }
        guard verifier.formlessCount > 0, !mixed else { return nil }
        return "do other lines stand between those of the log, as in the daemon's own? add --mixed"
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
            "\(verifier.lineCount) good lines, seq \(sequences.lowerBound) to"
                + " \(sequences.upperBound)")
        if sequences.lowerBound > 1 { print("the lines before are not in these files") }
        if verifier.tornCount > 0 { print("\(verifier.tornCount) lines were torn by a crash") }
        if !knowsEnd { print("whether lines at the end are missing can't be told from here") }
    }
}

/// `authctl admin audit key`
struct AdminAuditKey: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Write the key of the audit log to a file of mode 0600.",
        discussion: """
            With it logs can be checked on another machine, by somebody who does not have the \
            server secret. Whoever has it could also write a log that passes. Write it before \
            JWT_SECRET is changed, too: what was logged until then needs the older key.
            """)

    @Argument(help: "The file to make; it must not exist.")
    var file: String

    @OptionGroup var source: AuditKeySource

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try NewSecretFile(path: file).expectAbsence()
        try PrivateFile.write(try source.keys()[0].fileText, to: file)
        if json { print(Format.json(["file": file])) }
    }
}
