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

            The key is read from --key-file, else derived from JWT_SECRET in the environment, else \
            from the file jwt_secret in the state directory.

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
        var verifier = AuditVerifier(key: try source.key(), skipsOthers: mixed)
        for file in files {
            verifier.begin(file: file)
            var reader = try LineReader(path: file)
            while let line = try reader.next() { verifier.check(line.bytes) }
        }
        let end = try source.end()
        verifier.finish(end: end)
        report(verifier, knowsEnd: end != nil)
        guard verifier.problemCount == 0 else {
            throw Failure(
                .refused, "AUDIT_LOG_DAMAGED",
                "the log is not as authd wrote it; problems: \(verifier.problemCount)",
                hint: verifier.lineCount == 0
                    ? "no line matches the key: is it the key of this log's daemon?" : nil)
        }
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
                        problemCount: verifier.problemCount,
                        problems: verifier.problems.map(\.description))))
            return
        }
        for problem in verifier.problems { print(Format.safe(problem.description)) }
        if verifier.problemCount > verifier.problems.count { print("… and more") }
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
            server secret. Whoever has it could also forge a log that passes the check.
            """)

    @Argument(help: "The file to create; it must not exist.")
    var file: String

    @OptionGroup var source: AuditKeySource

    func run() async throws {
        let text = try source.key().fileText
        try NewSecretFile(path: file).create(text.withUnsafeBytes { Secret(copying: $0) })
    }
}
