import AuthClient
import Foundation

/// How a command fails: what happened, what to do about it, and the exit code.
struct Failure: Error {
    let exitCode: ExitStatus
    /// Such as `INVALID_CREDENTIALS`, or our own word in the same form.
    let reason: String
    let message: String
    var hint: String?
    var metadata: [String: String] = [:]
    var retryAfterSeconds: Double?

    /// Whether `--json` was given: errors are then also one JSON object on standard error.
    var json = false

    init(_ exitCode: ExitStatus, _ reason: String, _ message: String, hint: String? = nil) {
        self.exitCode = exitCode
        self.reason = reason
        self.message = message
        self.hint = hint
    }

    init(_ error: AuthClientError, socket: String) {
        switch error {
        case .refused(let refusal):
            self.init(refusal)
        case .unreachable(let text):
            self.init(
                .unreachable, "UNREACHABLE", "can't reach authd at \(socket): \(text)",
                hint: "is authd running? name another socket with --socket or AUTHD_SOCKET")
        case .untrusted(let text):
            self.init(.unreachable, "TLS_FAILED", text)
        case .connectionLost(let outcomeUnknown):
            self.init(
                .failed, "CONNECTION_LOST",
                outcomeUnknown
                    ? "the connection was lost; the call may have taken effect"
                    : "the connection was lost before the call was sent", hint: "try again")
        case .timeout:
            self.init(
                .failed, "TIMEOUT", "authd did not answer in time; the call may have taken effect",
                hint: "allow more with --timeout")
        case .cancelled: self.init(.failed, "CANCELLED", "the call was cancelled")
        case .unsendable(let text): self.init(.usage, "UNSENDABLE", "can't be sent: \(text)")
        case .protocolViolation(let text): self.init(.failed, "PROTOCOL_VIOLATION", text)
        }
    }

    private init(_ refusal: AuthClientError.Refusal) {
        let isFault = ["UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "UNKNOWN"]
            .contains(refusal.codeName)
        let isBusy = ["OVERLOADED", "CONFLICT", "CANCELLED"].contains(refusal.reason)
        self.init(
            isFault || isBusy ? .failed : .refused,
            refusal.reason.isEmpty ? refusal.codeName : refusal.reason, refusal.message)
        metadata = refusal.metadata
        if let delay = refusal.retryAfter {
            retryAfterSeconds =
                Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
        }
        hint = Failure.hint(reason, retryAfterSeconds)
    }

    private static func hint(_ reason: String, _ delay: Double?) -> String? {
        switch reason {
        case "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED", "REFRESH_REUSED":
            "log in again with 'authctl login EMAIL'"
        case "EMAIL_TAKEN": "log in with 'authctl login EMAIL'"
        case "SESSION_NOT_FOUND": "'authctl sessions' lists your sessions"
        case "USER_NOT_FOUND": "'authctl admin users list' lists all users"
        case "ADMIN_REQUIRED": "run it as an administrator, such as root"
        case "MFA_REQUIRED":
            "with --password-stdin, the code or a recovery code is the next line"
        case "MFA_CODE_INVALID":
            "a code works once and for about a minute; is the authenticator's clock right?"
        case "MFA_SECRET_UNREADABLE": "ask an administrator; recovery codes still work"
        case "MFA_NOT_ENABLED": "'authctl mfa setup' turns it on"
        case "MFA_ALREADY_ENABLED": "'authctl mfa disable' turns it off"
        case "MFA_ENROLLMENT_INVALID": "start again with 'authctl mfa setup'"
        case "UNIMPLEMENTED": "authctl and authd are different versions"
        default: delay.map { "try again in \(Format.seconds($0))" }
        }
    }

    /// Runs `body`; what it throws is reported in the requested form.
    static func reported(
        asJSON json: Bool, _ body: () async throws(Failure) -> Void
    ) async throws {
        do throws(Failure) {
            try await body()
        } catch {
            var failure = error
            failure.json = json
            throw failure
        }
    }

    /// Writes it to standard error.
    func report() {
        if json {
            StandardError.print(Format.json(Report(error: Report.Content(self))))
            return
        }
        StandardError.print("authctl: \(Format.safe(message)) (\(reason))")
        if let hint { StandardError.print("  \(hint)") }
    }

    private struct Report: Encodable {
        struct Content: Encodable {
            let reason: String
            let message: String
            let hint: String?
            let metadata: [String: String]
            let retryAfterSeconds: Double?

            init(_ failure: Failure) {
                reason = failure.reason
                message = failure.message
                hint = failure.hint
                metadata = failure.metadata
                retryAfterSeconds = failure.retryAfterSeconds
            }
        }

        let error: Content
    }
}
