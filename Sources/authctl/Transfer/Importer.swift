import AuthClient
import Foundation

/// Sends the lines of a file to the daemon, many at a time, and counts what became of them.
///
/// It may be stopped at any moment and run again: the daemon knows what it has already.
struct Importer {
    /// What became of the lines.
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
        /// Something that the line is not to blame for: the import stops.
        case failed(Failure)
    }

    /// How often a line is sent while the daemon is busy or away, with growing pauses: some
    /// seconds in all, as long as a restart takes.
    private static let attemptsMax = 8

    let context: Context
    let isDryRun: Bool
    /// Lines that are under way at once.
    let inFlightMax: Int

    /// Sends all lines.
    ///
    /// - Parameters:
    ///   - reader: of the file.
    ///   - report: takes the refused lines.
    ///   - progress: shows how far it is.
    /// - Returns: what became of them.
    /// - Throws: `Failure` when the import can't go on.
    func run(
        _ reader: inout LineReader, report: PrivateOutputFile, progress: inout ProgressLine
    ) async throws(Failure) -> Totals {
        var totals = Totals()
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
                        switch line {
                        case .tooLong:
                            totals.lines += 1
                            let text = "the line is over \(LineReader.lineBytesMax) bytes"
                            let refusal = Refusal(
                                line: number, email: nil, reason: "LINE_INVALID", message: text)
                            try note(.refused(refusal), &totals, report)
                        case .content(let data):
                            guard !data.allSatisfy(Importer.isSpace) else { continue }
                            totals.lines += 1
                            group.addTask { [number] in await send(data, number) }
                            inFlight += 1
                        }
                    }
                    guard let outcome = await group.next() else { continue }
                    inFlight -= 1
                    try note(outcome, &totals, report)
                    progress.show(totals, position: reader.position)
                }
            } catch {
                stop = error
                group.cancelAll()
            }
        }
        if let stop { throw stop }
        return totals
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
                failure.hint = "run it again to go on: what is there already is passed over"
                return .failed(failure)
            }
        }
        preconditionFailure("the loop ends by a return")
    }

    /// What is wrong with the line; nil for what it is not to blame for.
    private static func problem(of error: AuthClientError) -> (reason: String, message: String)? {
        switch error {
        case .unsendable(let text):
            return ("LINE_INVALID", "the line can't be sent: \(text)")
        case .refused(let refusal) where refusal.reason == "REQUEST_TOO_LARGE":
            let limit = refusal.metadata["limit_bytes"].map { ", \($0) bytes" } ?? ""
            let text = "the line is longer than the daemon takes\(limit) (AUTHD_REQUEST_BYTES_MAX)"
            return (refusal.reason, text)
        case .refused(let refusal)
        where ["EMAIL_TAKEN", "EMAIL_INVALID", "ARGUMENT_INVALID"].contains(refusal.reason):
            return (refusal.reason, refusal.message)
        default: return nil
        }
    }

    /// How long to wait before the line is sent again; nil when that would not help.
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
