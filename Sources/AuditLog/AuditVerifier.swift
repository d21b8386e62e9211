/// Checks the lines of a log, in order, over as many files as it was rotated into.
///
/// It finds a changed, a removed, an added, a repeated and a reordered line. It can't find that
/// lines at the end are missing, unless it is given the end that the daemon recorded; nor that
/// lines before the first one are missing, but it reports the first one's number.
package struct AuditVerifier {
    /// A problem.
    package struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// The file, as it was named.
        package let file: String
        /// Counted from 1; 0 for the whole file.
        package let line: Int
        /// A phrase for people.
        package let text: String

        package var description: String {
            line > 0 ? "\(file), line \(line): \(text)" : "\(file): \(text)"
        }
    }

    /// A log in which everything is wrong has as many problems as lines; these are kept.
    package static let problemsMax = 100

    /// The first problems, at most `problemsMax`.
    package private(set) var problems: [Problem] = []
    /// How many there are in all.
    package private(set) var problemCount = 0
    /// Lines with a valid code.
    package private(set) var lineCount = 0
    /// The numbers of the first and the last valid line.
    package private(set) var sequences: ClosedRange<UInt64>?
    /// Lines that a crash cut off in the middle.
    package private(set) var tornCount = 0
    /// Other lines, to be skipped as requested.
    package private(set) var otherCount = 0

    /// Lines that match no key, from logs without any matching line.
    package private(set) var otherKeyCount = 0
    /// Malformed lines.
    package private(set) var formlessCount = 0
    /// Where a log under another key follows, which is not a problem.
    package private(set) var notes: [Problem] = []

    private let keys: [AuditKey]
    private let skipsOthers: Bool
    private var file = ""
    private var line = 0
    private var last: AuditChain?
    private var lastLine: AuditLine?
    /// The number of the last line in its place, for each log with a matching line.
    private var lastOfLogs: [String: UInt64] = [:]
    /// Lines since `last` that have been found wrong already.
    private var wrongSince: UInt64 = 0
    /// The previous lines, if malformed: torn by a crash or a full disk if the next one says so.
    private var formless: [Int] = []

    /// - Parameters:
    ///   - keys: of the log, one for each that the daemon has had.
    ///   - skipsOthers: whether lines that do not look like a log's are skipped, as in the output
    ///     of a daemon that writes its log to the same place. Nothing can be hidden in them.
    package init(keys: [AuditKey], skipsOthers: Bool = false) {
        self.keys = keys
        self.skipsOthers = skipsOthers
    }

    /// Says that the following lines are from another file, which continues the previous one.
    package mutating func begin(file: String) {
        reportFormless()
        self.file = file
        line = 0
    }

    /// Checks one line, without its line feed.
    package mutating func check(_ bytes: some BidirectionalCollection<UInt8>) {
        line += 1
        guard let found = AuditLine(bytes, keys) ?? lineBehindOther(bytes) else {
            if skipsOthers, !bytes.starts(with: "{\"seq\":".utf8) {
                otherCount += 1
                return
            }
            if formless.count == AuditVerifier.problemsMax { reportFormless() }
            formless.append(line)
            return
        }
        let isOpening = found.isAuthentic && found.event == AuditEventName.opened
        if !formless.isEmpty, isOpening, Array(bytes).isTornMarked {
            tornCount += formless.count
            formless = []
        }
        reportFormless()
        guard found.isAuthentic else {
            reportCode(of: found)
            wrongSince += 1
            return
        }
        lineCount += 1
        if isInPlace(found) {
            lastOfLogs[found.log] = found.sequence
            lastLine = found
            last = AuditChain(log: found.log, sequence: found.sequence, code: found.code)
            wrongSince = 0
        }
        let first = min(sequences?.lowerBound ?? found.sequence, found.sequence)
        sequences = first...max(sequences?.upperBound ?? found.sequence, found.sequence)
    }

    /// Says that there are no more lines.
    ///
    /// - Parameter end: where the daemon says that the log ends, if that is known.
    package mutating func finish(end: AuditEnd? = nil) {
        reportFormless()
        guard lineCount > 0 else {
            if problemCount == 0 { report(0, "has no audit log lines") }
            return
        }
        guard let end = end?.chain, let last else { return }
        guard let reached = lastOfLogs[end.log] else {
            report(
                0,
                "has no line of log \(end.log), which the daemon has written up to seq"
                    + " \(end.sequence)")
            return
        }
        if end.sequence > reached {
            report(
                0,
                "ends with seq \(reached), but the daemon has written up to"
                    + " \(end.sequence): lines at the end are missing")
        }
        if last.log != end.log {
            report(0, "ends with log \(last.log), but the daemon writes log \(end.log)")
        }
    }

    /// A line that comes after a part of another program's, which a full disk cut off.
    private func lineBehindOther(_ bytes: some BidirectionalCollection<UInt8>) -> AuditLine? {
        guard skipsOthers else { return nil }
        let (text, start) = (Array(bytes), Array("{\"seq\":".utf8))
        guard let place = text.lastRange(of: start)?.lowerBound, place > 0,
            let found = AuditLine(text[place...], keys), found.isAuthentic
        else { return nil }
        return found
    }

    /// Whether the line comes after the last one; reports it if it does not follow directly.
    private mutating func isInPlace(_ found: AuditLine) -> Bool {
        guard let last else { return true }
        guard found.log == last.log else {
            if startsUnderAnotherKey(found) { return true }
            report(line, "starts another log (\(found.log) after \(last.log))")
            return true
        }
        let expected = last.sequence + wrongSince + 1
        if found.sequence > expected {
            report(
                line,
                "follows \(found.sequence - expected) missing lines (seq \(expected) to"
                    + " \(found.sequence - 1))")
        } else if found.sequence <= last.sequence {
            report(line, "is out of place: seq \(found.sequence) after \(last.sequence)")
            return false
        } else if found.sequence < expected {
            report(line, "follows lines that were added before it")
        } else if wrongSince == 0, found.previous != last.code {
            report(line, "does not continue the line before it")
        }
        return true
    }

    /// Whether the line is the first of a log that the daemon started because its key had changed.
    private mutating func startsUnderAnotherKey(_ found: AuditLine) -> Bool {
        guard let lastLine, found.keyIndex != lastLine.keyIndex, found.sequence == 1,
            found.previous == AuditChain.start, found.event == AuditEventName.opened
        else { return false }
        var text = "starts log \(found.log) under another key, after seq \(lastLine.sequence)"
        if lastLine.event != AuditEventName.closed {
            text += " of a log that was not closed: lines at its end may be missing"
        }
        if notes.count < AuditVerifier.problemsMax {
            notes.append(Problem(file: file, line: line, text: text))
        }
        return true
    }

    private mutating func reportCode(of found: AuditLine) {
        guard lastOfLogs[found.log] == nil else {
            report(line, "was changed: its code does not match its text (seq \(found.sequence))")
            return
        }
        otherKeyCount += 1
        report(
            line,
            "is under another key, or was changed (log \(found.log), seq \(found.sequence))")
    }

    private mutating func reportFormless() {
        for place in formless {
            report(place, "is not an audit log line")
            formlessCount += 1
            wrongSince += 1
        }
        formless = []
    }

    private mutating func report(_ line: Int, _ text: String) {
        problemCount += 1
        guard problems.count < AuditVerifier.problemsMax else { return }
        problems.append(Problem(file: file, line: line, text: text))
    }
}

extension [UInt8] {
    /// Where `part` stands for the last time.
    fileprivate func lastRange(of part: [UInt8]) -> Range<Int>? {
        guard count >= part.count else { return nil }
        return (0...count - part.count).reversed()
            .first { self[$0..<$0 + part.count].elementsEqual(part) }
            .map { $0..<$0 + part.count }
    }

    /// Whether the line says that the previous one was torn.
    fileprivate var isTornMarked: Bool {
        String(decoding: self, as: UTF8.self).contains(",\"torn\":true")
    }
}
