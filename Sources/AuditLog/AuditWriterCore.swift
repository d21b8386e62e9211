import Glibc

/// The part of a writer that knows the chain and the output.
///
/// `@unchecked Sendable`: after `init` everything is used only from the writer's serial queue.
final class AuditWriterCore: @unchecked Sendable {
    /// What one write did.
    struct Outcome {
        /// Records that were written.
        var recordCount = 0
        /// Whether the count of lost events was written.
        var hasReportedLoss = false
        /// Whether to pause before the next attempt.
        var hasFailed = false
    }

    private let output: any AuditOutput
    private let key: AuditKey
    private let endFile: AuditEndFile?
    private let time: @Sendable () -> String
    private let trouble: @Sendable (String) -> Void
    private var chain: AuditChain
    /// The line about the opening, which comes before all others.
    private var opening: AuditRecord?
    private var lastFailure: AuditLogError?

    // `output` is what lines are written to instead of that of the destination, for tests.
    init(
        _ destination: AuditDestination, output: (any AuditOutput)? = nil, key: AuditKey,
        endPath: String?, logIdentifier: String,
        time: @escaping @Sendable () -> String, trouble: @escaping @Sendable (String) -> Void
    ) throws(AuditLogError) {
        self.key = key
        self.time = time
        self.trouble = trouble
        let ownOutput: any AuditOutput =
            switch destination {
            case .standardError: AuditStandardErrorOutput()
            case .file(let path): AuditFileOutput(path: path, key: key)
            case .journal(let path): AuditJournalOutput(path: path)
            }
        let output = output ?? ownOutput
        self.output = output
        do throws(AuditLogError) {
            try output.open()
        } catch {
            if case .unusable = error { throw error }
            if case .file = destination, case .system(_, _, let code) = error,
                !AuditWriterCore.passing.contains(code)
            {
                throw error
            }
            lastFailure = error
            trouble("the audit log can't be opened yet: \(error)")
        }
        var file: AuditEndFile?
        var note: String?
        if let endPath {
            do throws(AuditLogError) {
                file = try AuditEndFile(path: endPath, key: key)
            } catch {
                note = "\(error)"
                trouble("the end of the audit log can't be recorded: \(error)")
            }
        }
        endFile = file
        let continued = AuditWriterCore.continued(output.found.end, file?.end?.chain)
        chain = continued ?? AuditChain(log: logIdentifier)
        if continued == nil, output.found.isUnderAnotherKey || file?.isUnderAnotherKey == true {
            trouble(AuditWriterCore.anotherKey(logIdentifier))
            note = [note, "the key has changed"].compactMap(\.self)
                .joined(separator: "; ")
        }
        opening = opened("start", note: note)
    }

    /// Closes the log for good.
    ///
    /// - Returns: whether the last line was written.
    func close() -> Bool {
        write([AuditRecord(time: time(), event: AuditEventName.closed)], lost: 0).recordCount == 1
    }

    func reopen() {
        // In the old file, so that its reader sees that another one follows.
        _ = write([AuditRecord(time: time(), event: AuditEventName.closed)], lost: 0)
        do throws(AuditLogError) {
            try output.open()
            opening = opened("reopen", note: nil)
        } catch {
            trouble("the audit log could not be reopened and continues where it was: \(error)")
        }
    }

    /// Writes as many of the records as possible, after what must come first.
    func write(_ records: [AuditRecord], lost: UInt64) -> Outcome {
        var first: [AuditRecord] = []
        if let opening { first.append(opening) }
        if lost > 0 {
            var record = AuditRecord(time: time(), event: AuditEventName.lost)
            record.add("count", .number(Int64(clamping: lost)))
            first.append(record)
        }
        var ends: [AuditChain] = []
        var lines: [[UInt8]] = []
        var next = chain
        for record in first + records {
            lines.append(next.seal(record, key))
            ends.append(next)
        }
        guard !lines.isEmpty else { return Outcome() }
        let (count, failure) = output.write(lines)
        if count > 0 {
            chain = ends[count - 1]
            store()
        }
        note(failure)
        var outcome = Outcome()
        outcome.hasFailed = count < lines.count
        outcome.recordCount = max(0, count - first.count)
        outcome.hasReportedLoss = lost > 0 && count >= first.count
        if count > 0 { opening = nil }
        // What has only a part of its last line is a new beginning, and says so.
        if outcome.hasFailed, opening == nil, output.found.isTorn {
            opening = opened("torn", note: nil)
        }
        return outcome
    }

    private func opened(_ reason: String, note: String?) -> AuditRecord {
        var record = AuditRecord(time: time(), event: AuditEventName.opened)
        record.add("reason", reason)
        if output.found.isTorn { record.add("torn", .flag(true)) }
        record.add("note", note)
        return record
    }

    private static func anotherKey(_ log: String) -> String {
        "the existing audit log is under another key (was JWT_SECRET changed?), or its end was"
            + " altered: starting the new log \(log); checking the old one takes the old key"
    }

    /// The later of the file's chain and the recorded end; they differ after a crash, or when the
    /// file's end was cut off.
    private static func continued(_ found: AuditChain?, _ kept: AuditChain?) -> AuditChain? {
        guard let found else { return kept }
        guard let kept, kept.log == found.log, kept.sequence > found.sequence else { return found }
        return kept
    }

    private func store() {
        do throws(AuditLogError) {
            try endFile?.store(chain)
        } catch {
            note(error)
        }
    }

    /// Says so once when writing starts to fail, and once when it works again.
    private func note(_ failure: AuditLogError?) {
        if let failure, lastFailure != failure {
            trouble("the audit log can't be written: \(failure)")
        }
        if failure == nil, lastFailure != nil { trouble("the audit log can be written again") }
        lastFailure = failure
    }

    /// A FIFO without a reader; a full disk or quota; an overloaded system: all of these pass.
    private static let passing: Set<Int32> = [
        ENXIO, ENOSPC, EDQUOT, EINTR, EAGAIN, EMFILE, ENFILE, ENOMEM,
    ]
}
