extension DaemonBench.Findings {
    /// What a login takes besides its hash, in seconds: the store, the tokens, the round trip.
    ///
    /// - Parameters:
    ///   - table: of the daemon's machine.
    ///   - cost: the daemon's; without it nothing is known.
    /// - Returns: 0 or more.
    func overhead(besides table: CostTable, at cost: Int?) -> Double {
        guard let cost, loneLogin.isSound, let latency = loneLogin.latency else { return 0 }
        return max(0, latency.median / 1e6 - table.seconds(at: cost))
    }

    /// Returns when every phase has figures.
    ///
    /// - Throws: `Failure`, NOT_MEASURED, with the exit code of its cause.
    func requireFigures() throws(Failure) {
        let phases = [roundTrip, loneLogin, logins, verifications]
        guard let phase = phases.first(where: { !$0.isSound }) else { return }
        throw Failure(
            phase.exemplar?.exitCode ?? .failed, "NOT_MEASURED",
            "no figure where too many calls failed"
                + (phase.failed > 0 ? ": \(phase.failureText)" : ""))
    }
}
