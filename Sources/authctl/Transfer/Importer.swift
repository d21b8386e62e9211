import AuthClient
import Foundation

/// Sends the lines of a file to the daemon, many at a time, and counts the outcomes.
///
/// It may be stopped at any moment and run again: the daemon knows what it already has.
struct Importer {
    /// The outcomes of the lines.
    struct Totals: Encodable {
        var lines = 0
        var imported = 0
        var alreadyThere = 0
        var refused = 0
    }

    /// A line of the report.
    struct Refusal: Encodable {
        let line: Int
        let email: String?
        let reason: String
        let message: String
    }

    private enum Outcome {
        case imported
        case alreadyThere
        case refused(Refusal)
        /// A failure that is not the line's fault: the import stops.
        case failed(Failure)
    }

    /// How often a line is sent while the daemon is busy or down, with growing pauses: a few
    /// seconds in total, as long as a restart takes.
    private static let attemptsMax = 8

    let context: Context
    let isDryRun: Bool
    /// Lines processed at once.
    let inFlightMax: Int

    /// Sends all lines.
    ///
    /// - Parameters:
    ///   - reader: of the file.
    ///   - report: takes the refused lines.
    ///   - progress: shows the progress.
    /// - Returns: their outcomes.
    /// - Throws: `Failure` when the import can't continue.
    func run(
        _ reader: inout LineReader, report: PrivateOutputFile, progress: ProgressBar
    ) async throws(Failure) -> Totals {
        var totals = Totals()
        let start = ContinuousClock.now
        var stop: Failure?
        await withTaskGroup(of: Outcome.self) { group in
            var number = 0
            var inFlight = 0
            var isReading = true
            do throws(Failure) {
                while isReading || inFlight > 0 {
                    while isReading, inFlight < inFlightMax {
                        guard let line = try reader.next() else {
                            isReading = false
                            break
                        }
                        number += 1
                        guard !line.isTooLong else {
                            totals.lines += 1
                            let text = "the line is longer than \(LineReader.lineBytesMax) bytes"
                            let refusal = Refusal(
                                line: number, email: nil, reason: "LINE_INVALID", message: text)
                            try note(.refused(refusal), &totals, report)
                            continue
                        }
                        guard !line.bytes.allSatisfy(Importer.isSpace) else { continue }
                        totals.lines += 1
                        group.addTask { [number] in await send(Data(line.bytes), number) }
                        inFlight += 1
                    }
                    guard let outcome = await group.next() else { continue }
                    inFlight -= 1
                    try note(outcome, &totals, report)
                    progress.show("importing", share: reader.share, text(totals, since: start))
                }
            } catch {
                stop = error
                group.cancelAll()
            }
        }
        if let stop { throw stop }
        return totals
    }

    private func text(_ totals: Totals, since start: ContinuousClock.Instant) -> String {
        let seconds = max((ContinuousClock.now - start) / .seconds(1), 0.001)
        return "\(totals.lines) lines, \(totals.refused) refused, "
            + String(format: "%.0f/s", Double(totals.lines) / seconds)
    }

    private func note(
        _ outcome: Outcome, _ totals: inout Totals, _ report: PrivateOutputFile
    ) throws(Failure) {
        switch outcome {
        case .imported: totals.imported += 1
        case .alreadyThere: totals.alreadyThere += 1
        case .refused(let refusal):
            totals.refused += 1
            try report.write(Format.json(refusal))
        case .failed(let failure): throw failure
        }
    }

    private func send(_ data: Data, _ number: Int) async -> Outcome {
        let line: UserLine
        do throws(LineProblem) {
            line = try UserLine(parsing: data)
        } catch {
            return .refused(
                Refusal(line: number, email: nil, reason: "LINE_INVALID", message: error.message))
        }
        for attempt in 1... {
            do throws(AuthClientError) {
                let imported = try await context.client.importUser(
                    line.user, isDryRun: isDryRun, options: context.options)
                return imported.wasThere ? .alreadyThere : .imported
            } catch {
                if let delay = Importer.delay(after: error, attempt) {
                    try? await Task.sleep(for: delay)
                    continue
                }
                if let (reason, message) = Importer.problem(of: error) {
                    return .refused(
                        Refusal(line: number, email: line.email, reason: reason, message: message))
                }
                var failure = Failure(error, socket: context.socket)
                failure.hint = "run it again to continue: what is already there is skipped"
                return .failed(failure)
            }
        }
        preconditionFailure("the loop ends with a return")
    }

    /// What is wrong with the line; nil for what it is not to blame for.
    private static func problem(of error: AuthClientError) -> (reason: String, message: String)? {
        switch error {
        case .unsendable(let text):
            return ("LINE_INVALID", "the line can't be sent: \(text)")
        case .refused(let refusal) where refusal.reason == "REQUEST_TOO_LARGE":
            let limit = refusal.metadata["limit_bytes"].map { ", \($0) bytes" } ?? ""
            let text =
                "the line is longer than the daemon accepts\(limit) (AUTHD_REQUEST_BYTES_MAX)"
            return (refusal.reason, text)
        case .refused(let refusal)
        where ["EMAIL_TAKEN", "EMAIL_INVALID", "ARGUMENT_INVALID"].contains(refusal.reason):
            return (refusal.reason, refusal.message)
        default: return nil
        }
    }

    /// How long to wait before the line is resent; nil when that would not help.
    private static func delay(after error: AuthClientError, _ attempt: Int) -> Duration? {
        guard attempt < attemptsMax, !Task.isCancelled else { return nil }
        let pause = Duration.milliseconds(50 << min(attempt, 6))
        switch error {
        case .refused(let refusal):
            let isBusy = ["OVERLOADED", "THROTTLED", "CONFLICT", "STORE_UNAVAILABLE"]
                .contains(refusal.reason)
            return isBusy ? max(pause, refusal.retryAfter ?? .zero) : nil
        case .connectionLost, .unreachable: return pause
        case .untrusted, .timeout, .cancelled, .unsendable, .protocolViolation: return nil
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
