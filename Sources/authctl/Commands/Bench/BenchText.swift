import AuthServer

/// What a benchmark found, as people read it.
enum BenchText {
    /// A phase with the name of its row.
    private typealias Line = (name: String, result: PhaseResult)

    private static let setting = "AUTHD_BCRYPT_COST"

    /// The figures of a daemon, with notes.
    static func daemon(
        _ findings: DaemonBench.Findings, socket: String, plan: BenchPlan
    ) -> String {
        let lines: [Line] = [
            ("round trip (Health)", findings.roundTrip),
            ("lone login", findings.loneLogin),
            ("logins, \(plan.callers) in flight", findings.logins),
            (
                "VerifyToken, \(plan.connections * BenchPlan.pipelined) in flight",
                findings.verifications
            ),
        ]
        let header = ["", "per second", "median", "p99"]
        let rows = lines.map { name, result in
            guard let rate = result.perSecond, let latency = result.latency else {
                return [name, "-", "-", "-"]
            }
            return [
                name, Format.rate(rate), Format.latency(microseconds: latency.median),
                Format.latency(microseconds: latency.p99),
            ]
        }
        let notes = lines.compactMap { note($0.name, $0.result) } + [ownShare(findings)]
        return
            ([
                "authd at \(Format.safe(socket))", "",
                Format.table([header] + rows, numbers: 1..<4), "",
            ] + notes).joined(separator: "\n")
    }

    /// The table of costs.
    static func costs(_ findings: HashTimer.Findings, current: Int?) -> String {
        let rows = findings.table.rows.map { row in
            [
                String(row.cost), Format.latency(microseconds: row.seconds * 1e6),
                Format.rate(row.perSecond), row.cost == current ? "the daemon's" : "",
            ]
        }
        let measured = findings.table.rows.filter(\.isMeasured).map { String($0.cost) }
        let cores = findings.cores == 1 ? "1 core" : "\(findings.cores) cores"
        let engine = findings.engine == "authd" ? "authd's own code" : findings.engine
        return [
            "bcrypt on this machine: one hash alone, and hashes per second on \(cores)", "",
            Format.table(
                [["cost", "one hash", "per second", ""]] + rows, numbers: 0..<3), "",
            "Computed by \(engine). One hash was timed at cost"
                + " \(measured.joined(separator: " and ")); each further step doubles the time.",
        ].joined(separator: "\n")
    }

    /// A warning that the table says little; nil on a quiet machine.
    static func disturbance(_ findings: HashTimer.Findings) -> String? {
        guard findings.isDisturbed else { return nil }
        return "Other programs were running: one hash had \(Int(findings.coreShare * 100)) % of a"
            + " core. Measure again when the machine is quiet, before you rely on this."
    }

    /// What to set.
    static func advice(
        _ advice: CostTable.Advice, loginTime: ShortTime, table: CostTable, current: Int?
    ) -> String {
        let line = "\(setting)=\(advice.cost)"
        let now =
            current.map {
                $0 == advice.cost ? " The daemon uses that now." : " The daemon uses \($0) now."
            } ?? ""
        switch advice {
        case .fits:
            return "For lone logins within \(loginTime): \(line).\(now)"
        case .highestFits:
            return "For lone logins within \(loginTime): \(line), the highest there is.\(now)"
        case .nothingFits(let cost):
            let time = Format.latency(microseconds: table.seconds(at: cost) * 1e6)
            return "No cost gives lone logins within \(loginTime): \(cost) already takes \(time)."
                + " Set \(line) nevertheless: lower costs are for tests; their hashes are cheap to"
                + " guess.\(now)"
        }
    }

    /// A warning that one machine's figures say nothing about another one.
    static func otherMachine(_ socket: String) -> String {
        "This table is for the machine that authctl runs on. If the daemon at"
            + " \(Format.safe(socket)) is on another, run 'authctl bench --local-only' there."
    }

    /// Why a phase has no figures, or that some calls failed.
    private static func note(_ name: String, _ result: PhaseResult) -> String? {
        let all = result.answered + result.failed
        guard result.isSound else {
            guard result.failed > 0 else {
                return "\(name): no figure. No call was answered in time: allow more with"
                    + " --seconds."
            }
            let reason =
                "\(name): no figure. \(result.failed) of \(all) calls failed:"
                + " \(result.failureText)."
            return [reason, hint(result.exemplar)].compactMap { $0 }.joined(separator: "\n  ")
        }
        return result.failed > 0
            ? "\(name): \(result.failed) of \(all) calls failed: \(result.failureText)." : nil
    }

    /// What to do about calls that failed.
    private static func hint(_ failure: Failure?) -> String? {
        switch failure?.reason {
        case "THROTTLED":
            "The daemon limits how often you may call it (AUTHD_CALLER_CALLS_PER_SECOND, or"
                + " calls_per_second in AUTHD_CALLERS_FILE). Run it as an administrator."
        case "OVERLOADED":
            "More logins were in flight than the daemon allows to wait (AUTHD_HASH_QUEUE_MAX). Use"
                + " fewer --callers."
        case "TIMEOUT", "DEADLINE_EXCEEDED":
            "Use fewer --callers, or allow more with --timeout."
        case "TOKEN_EXPIRED":
            "Access tokens expire after JWT_EXP_MINUTES. Use fewer --seconds."
        default:
            failure.map { $0.message + "." }
        }
    }

    private static func ownShare(_ findings: DaemonBench.Findings) -> String {
        let cores = Format.rate(findings.verifications.callerCores)
        return "authctl itself kept \(cores) cores busy with VerifyToken: the daemon alone can do"
            + " more."
    }
}
