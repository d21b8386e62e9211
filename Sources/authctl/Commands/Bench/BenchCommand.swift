import ArgumentParser
import AuthClient
import AuthServer

/// `authctl bench`
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure this installation: logins, verifications, and a suitable bcrypt cost.",
        discussion: """
            Puts the daemon under load, after asking. It creates accounts of its own, \
            bench-...@example.invalid, one for each of --callers, and removes them at the end, also \
            after Ctrl-C. It measures a round trip, a lone login, --callers logins in flight, and \
            VerifyToken on --connections, for --seconds each, after a warm-up. Each login writes \
            its lines to the audit log. A phase in which more than one call in a hundred fails \
            shows the reasons instead of a figure.

            Then it times bcrypt on this machine, as the daemon computes it, and suggests the \
            highest AUTHD_BCRYPT_COST, from 10 to 16, with which a lone login takes at most \
            --login-time. With --local-only it does nothing else, and needs no daemon.
            """)

    @Flag(help: "Only time bcrypt on this machine; call no daemon.")
    var localOnly = false

    @OptionGroup var plan: BenchPlan
    @OptionGroup var confirmation: Confirmation
    @OptionGroup var common: CommonOptions

    func run() async throws {
        guard !localOnly else {
            try await Failure.reported(asJSON: common.json) { () async throws(Failure) in
                show(await timedHashes(), nil, socket: nil)
            }
            return
        }
        try await common.run { context throws(Failure) in
            try await context.requireServing()
            try confirm(context.socket)
            let (findings, left) = try await measuredDaemon(context)
            show(await timedHashes(), findings, socket: context.socket)
            if let left { throw left }
            try findings.requireFigures()
        }
    }

    private func timedHashes() async -> HashTimer.Findings {
        let bar = ProgressBar(isWanted: !common.json)
        bar.show("timing bcrypt", DaemonBench.steps - 1, of: DaemonBench.steps)
        defer { bar.clear() }
        let timer = HashTimer(cores: HostFacts.current.cores, length: plan.length)
        let findings = await timer.findings(loginSeconds: plan.loginTime.seconds)
        await timer.shutDown()
        return findings
    }

    /// Says what will be done, and asks.
    private func confirm(_ socket: String) throws(Failure) {
        let notice = """
            This puts authd at \(Format.safe(socket)) under full load for about \
            \(plan.loadSeconds) s: other logins there become slow. It creates \(plan.callers) \
            accounts bench-...@example.invalid and removes them at the end.
            """
        guard confirmation.yes else { return try confirmation.ask(notice + "\nContinue?") }
        if !common.json { StandardError.print(notice) }
    }

    /// Measures the daemon, and removes the accounts whatever happens.
    ///
    /// - Returns: what was found, and whether accounts were left.
    /// - Throws: `Failure` when nothing was found. A received signal ends the process.
    private func measuredDaemon(
        _ context: Context
    ) async throws(Failure) -> (DaemonBench.Findings, Failure?) {
        var clients = [context.client]
        for _ in 1..<max(1, plan.connections) {
            clients.append(try common.client(of: context.socket))
        }
        let accounts = ScratchAccounts(context, width: HostFacts.current.cores)
        let interruption = Interruption(notice: "authctl: stopping; removing the accounts") {
            accounts.farewell
        }
        let bench = DaemonBench(
            context: context, clients: clients, plan: plan, accounts: accounts,
            isStopped: { interruption.isSet })
        let bar = ProgressBar(isWanted: !common.json)
        let outcome = await bench.runAndRemove { bar.show($0, $1, of: DaemonBench.steps) }
        bar.clear()
        if interruption.isSet, var left = outcome.left {
            left.json = common.json
            left.report()
        }
        interruption.end()
        for client in clients.dropFirst() { await client.close() }
        guard let findings = try outcome.result.get() else {
            throw Failure(.failed, "INTERRUPTED", "the measurement was interrupted")
        }
        return (findings, outcome.left)
    }

    private func show(
        _ hashes: HashTimer.Findings, _ findings: DaemonBench.Findings?, socket: String?
    ) {
        let isOneMachine = socket?.hasPrefix("unix:") == true
        let cost = isOneMachine ? findings?.cost : nil
        let overhead = findings?.overhead(besides: hashes.table, at: cost) ?? 0
        let advice = hashes.table.advice(
            loginSeconds: plan.loginTime.seconds, overhead: overhead)
        if common.json {
            print(
                Format.json(
                    BenchReport(
                        daemon: findings.map {
                            BenchReport.Daemon($0, socket: socket ?? "", plan: plan)
                        }, hashing: BenchReport.Hashing(hashes),
                        recommendation: BenchReport.Recommendation(
                            advice, loginTime: plan.loginTime))))
            return
        }
        var parts: [String] = []
        if let findings, let socket {
            parts.append(BenchText.daemon(findings, socket: socket, plan: plan))
        }
        parts.append(BenchText.costs(hashes, current: cost))
        if let socket, !isOneMachine { parts.append(BenchText.otherMachine(socket)) }
        parts.append(
            BenchText.advice(
                advice, loginTime: plan.loginTime, table: hashes.table, current: cost))
        if let words = BenchText.disturbance(hashes) { parts.append(words) }
        print(parts.joined(separator: "\n\n"))
    }
}
