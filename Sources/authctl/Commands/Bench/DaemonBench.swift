import AuthClient

/// Measures a daemon by calling it.
struct DaemonBench: Sendable {
    /// What was found.
    struct Findings: Sendable {
        /// Health.Check, one after the other.
        let roundTrip: PhaseResult
        /// Login, one after the other.
        let loneLogin: PhaseResult
        /// Login, as many as there are callers.
        let logins: PhaseResult
        /// VerifyToken, many on each connection.
        let verifications: PhaseResult
        /// The bcrypt cost of new accounts; nil when the caller may not ask for it.
        let cost: Int?
    }

    /// Accounts, four phases, accounts again, and what comes afterwards.
    static let steps = 7
    /// A login takes a few hundred milliseconds; fewer logins have no median.
    private static let loneLoginsMin = 3
    /// The first calls of a connection meet cold caches.
    private static let roundTripsFirst = 20

    let context: Context
    /// Each with its own connection.
    let clients: [AuthClient]
    let plan: BenchPlan
    let accounts: ScratchAccounts
    let isStopped: @Sendable () -> Bool

    /// Makes the accounts, measures, and removes them, whatever happened.
    ///
    /// - Parameter step: told what begins, and its number.
    /// - Returns: what was found, nil when it was stopped, or why there is nothing; and whether
    ///   accounts were left.
    func runAndRemove(
        _ step: (String, Int) -> Void
    ) async -> (result: Result<Findings?, Failure>, left: Failure?) {
        var result: Result<Findings?, Failure>
        do throws(Failure) {
            result = .success(try await run(step))
        } catch {
            result = .failure(error)
        }
        step("removing accounts", 5)
        let left = await accounts.removeAll().map { accounts.failure(leftBecauseOf: $0) }
        if left != nil, case .failure(var failure) = result {
            failure.hint = [failure.hint, accounts.farewell].compactMap { $0 }
                .joined(separator: "\n  ")
            result = .failure(failure)
        }
        return (result, left)
    }

    /// Makes the accounts and measures; the accounts stay.
    ///
    /// - Parameter step: told what begins, and its number.
    /// - Returns: nil when it was stopped.
    /// - Throws: `Failure` when there is nothing to measure.
    private func run(_ step: (String, Int) -> Void) async throws(Failure) -> Findings? {
        func begin(_ label: String, _ number: Int) {
            if !isStopped() { step(label, number) }
        }
        begin("creating accounts", 0)
        try await checkAllowed()
        try await accounts.make(plan.callers, isStopped: isStopped)
        let cost = await daemonCost()
        begin("round trips", 1)
        let roundTrip = try await checked(
            phase().alone(warmUpCalls: DaemonBench.roundTripsFirst, callsMin: 1, health))
        begin("lone logins", 2)
        let loneLogin = try await checked(
            phase().alone(warmUpCalls: 1, callsMin: DaemonBench.loneLoginsMin, login))
        begin("logins", 3)
        let logins = try await checked(
            phase(warmUp: loginsWarmUp(loneLogin)).together(plan.callers, login))
        begin("verifications", 4)
        let verifications = try await checked(
            phase(warmUp: min(.milliseconds(500), plan.length / 2))
                .together(clients.count * BenchPlan.pipelined, verification()))
        guard !isStopped() else { return nil }
        return Findings(
            roundTrip: roundTrip, loneLogin: loneLogin, logins: logins,
            verifications: verifications, cost: cost)
    }

    /// Tries every call in a form that has no effect: a caller that may not delete must not
    /// register.
    ///
    /// - Throws: `Failure`, CALLER_NOT_ALLOWED.
    private func checkAllowed() async throws(Failure) {
        let (nothing, client, options) = (Secret(utf8: ""), context.client, context.options)
        try await allowed { () async throws(AuthClientError) in
            _ = try await client.login(email: "", password: nothing, options: options)
        }
        try await allowed { () async throws(AuthClientError) in
            _ = try await client.verifyToken(nothing, options: options)
        }
        try await allowed { () async throws(AuthClientError) in
            try await client.deleteUser(password: nothing, accessToken: nothing, options: options)
        }
    }

    private func allowed(_ call: () async throws(AuthClientError) -> Void) async throws(Failure) {
        guard var failure = await context.outcome(call),
            ["CALLER_NOT_ALLOWED", "UNREACHABLE"].contains(failure.reason)
        else { return }
        failure.hint = failure.hint ?? "it needs Register, Login, VerifyToken and DeleteUser"
        throw failure
    }

    /// `12` of `bcrypt 12`, which administrators can see for an account.
    private func daemonCost() async -> Int? {
        let user = try? await context.client.user(
            email: accounts.address(0), options: context.options)
        return user?.passwordScheme.split(separator: " ").last.flatMap { Int($0) }
    }

    private func phase(warmUp: Duration = .zero) -> LoadPhase {
        LoadPhase(warmUp: warmUp, length: plan.length, isStopped: isStopped)
    }

    /// Until every place in the daemon is taken and the first of its hashes are done: four share a
    /// core and take three times as long.
    private func loginsWarmUp(_ loneLogin: PhaseResult) -> Duration {
        .microseconds(min(3 * (loneLogin.latency?.median ?? 0), 10e6))
    }

    /// If nobody is at the address any more, there is nothing more to measure.
    private func checked(_ result: PhaseResult) throws(Failure) -> PhaseResult {
        if let failure = result.exemplar, failure.exitCode == .unreachable { throw failure }
        return result
    }

    private func health(_ caller: Int) async -> Failure? {
        await context.outcome { () async throws(AuthClientError) in
            _ = try await clients[0].health(options: context.options)
        }
    }

    private func login(_ caller: Int) async -> Failure? {
        await accounts.logIn(caller, through: clients[caller % clients.count])
    }

    /// Asks about the newest tokens of the accounts, in turns.
    private func verification() -> LoadPhase.Call {
        let tokens = accounts.accessTokens
        return { [context, clients] caller in
            guard !tokens.isEmpty else {
                return Failure(.failed, "NO_TOKEN", "no login returned a token")
            }
            return await context.outcome { () async throws(AuthClientError) in
                _ = try await clients[caller % clients.count].verifyToken(
                    tokens[caller % tokens.count], options: context.options)
            }
        }
    }
}
