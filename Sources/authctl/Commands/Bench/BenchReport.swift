/// What a benchmark found, as JSON shows it.
struct BenchReport: Encodable {
    /// One kind of call. Without figures if they would be misleading.
    struct Phase: Encodable {
        /// In flight at any time.
        let callers: Int
        /// Calls that were answered, and that failed.
        let answered: Int
        let failed: Int
        let perSecond: Double?
        let medianMicroseconds: Double?
        let p99Microseconds: Double?
        /// How often each reason occurred.
        let failures: [String: Int]
        /// How many cores authctl itself kept busy.
        let authctlCores: Double

        init(_ result: PhaseResult, callers: Int) {
            self.callers = callers
            answered = result.answered
            failed = result.failed
            perSecond = result.perSecond
            medianMicroseconds = result.isSound ? result.latency?.median : nil
            p99Microseconds = result.isSound ? result.latency?.p99 : nil
            failures = result.failures
            authctlCores = result.callerCores
        }
    }

    /// A daemon.
    struct Daemon: Encodable {
        let socket: String
        let roundTrip: Phase
        let loneLogin: Phase
        let logins: Phase
        let verifications: Phase
        /// Nil when the caller is not an administrator.
        let bcryptCost: Int?

        init(_ findings: DaemonBench.Findings, socket: String, plan: BenchPlan) {
            self.socket = socket
            roundTrip = Phase(findings.roundTrip, callers: 1)
            loneLogin = Phase(findings.loneLogin, callers: 1)
            logins = Phase(findings.logins, callers: plan.callers)
            verifications = Phase(
                findings.verifications, callers: plan.connections * BenchPlan.pipelined)
            bcryptCost = findings.cost
        }
    }

    /// bcrypt on this machine.
    struct Hashing: Encodable {
        struct Cost: Encodable {
            let cost: Int
            let milliseconds: Double
            let perSecond: Double
            let measured: Bool
        }

        let cores: Int
        /// `authd` or `libxcrypt`.
        let engine: String
        /// The share of a core that one hash alone had: under 0.9 other programs slowed it down.
        let coreShare: Double
        let costs: [Cost]

        init(_ findings: HashTimer.Findings) {
            cores = findings.cores
            engine = findings.engine
            coreShare = findings.coreShare
            costs = findings.table.rows.map {
                Cost(
                    cost: $0.cost, milliseconds: $0.seconds * 1e3, perSecond: $0.perSecond,
                    measured: $0.isMeasured)
            }
        }
    }

    /// What to set.
    struct Recommendation: Encodable {
        let bcryptCost: Int
        let loginTimeMilliseconds: Double
        /// False when even the lowest cost that is not only for tests takes longer.
        let fits: Bool

        init(_ advice: CostTable.Advice, loginTime: ShortTime) {
            bcryptCost = advice.cost
            loginTimeMilliseconds = loginTime.seconds * 1e3
            if case .nothingFits = advice { fits = false } else { fits = true }
        }
    }

    /// Nil when only hashing was measured.
    let daemon: Daemon?
    let hashing: Hashing
    let recommendation: Recommendation
}
