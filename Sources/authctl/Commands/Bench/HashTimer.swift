import AuthServer
import Bytes
import Cryptography
import DispatchBridge

/// Times bcrypt on this machine, as the daemon would compute it: with the same code, on as many
/// threads of the same priority.
final class HashTimer: Sendable {
    /// Some 15 ms per hash: enough to time, and soon over.
    private static let firstCost = 8
    /// At a lower cost, taking on new hashes is part of the time.
    private static let sharedCostMax = 12
    private static let hashesMin = 3

    private let cores: Int
    private let engine: BcryptEngine
    private let pool: WorkerPool
    private let length: Duration

    /// What was found about bcrypt on a machine.
    struct Findings: Sendable {
        /// A lone hash that gets less of a core shares it with other programs.
        private static let shareMin = 0.9

        let table: CostTable
        let cores: Int
        /// `authd` or `libxcrypt`.
        let engine: String
        /// The share of a core that a lone hash had, about 1 when nothing else ran; the lowest of
        /// all.
        let coreShare: Double

        /// Whether other programs slowed the hashes down.
        var isDisturbed: Bool { coreShare < Findings.shareMin }
    }

    /// - Parameters:
    ///   - cores: how many to use.
    ///   - length: of each measurement.
    init(cores: Int, length: Duration) {
        self.cores = cores
        self.length = length
        engine = BcryptEngine.chosen(coreCount: cores)
        let threads = engine.usefulThreads(coreCount: cores)
        pool = WorkerPool(threadCount: threads, queueCountMax: threads)
    }

    /// Times one hash at a low cost and about where a login takes `loginSeconds`, and many at once.
    func findings(loginSeconds: Double) async -> Findings {
        let costs = HashSettings.costAdvisedMin...HashSettings.costs.upperBound
        let first = await alone(HashTimer.firstCost)
        var (seconds, share) = ([HashTimer.firstCost: first.seconds], first.share)
        let wanted =
            costs.last { CostTable.seconds(at: $0, of: seconds) <= loginSeconds }
            ?? costs.lowerBound
        // The next one too: it may fit after all.
        for cost in wanted...min(wanted + 1, costs.upperBound) {
            let one = await alone(cost)
            (seconds[cost], share) = (one.seconds, min(share, one.share))
        }
        let shared = min(wanted, HashTimer.sharedCostMax)
        let table = CostTable(costs, seconds: seconds, perSecond: (shared, await together(shared)))
        return Findings(table: table, cores: cores, engine: engineName, coreShare: share)
    }

    private var engineName: String {
        switch engine {
        case .library: "libxcrypt"
        case .lanes: "authd"
        }
    }

    /// Ends the threads.
    func shutDown() async {
        await pool.shutDown()
    }

    /// The median of several hashes in a row, in seconds, and their share of a core.
    private func alone(_ cost: Int) async -> (seconds: Double, share: Double) {
        let phase = LoadPhase(warmUp: .zero, length: length / 4) { false }
        let result = await phase.alone(
            warmUpCalls: 1, callsMin: HashTimer.hashesMin, hashing(cost))
        return ((result.latency?.median ?? .infinity) / 1e6, result.callerCores)
    }

    /// Hashes a second on all cores.
    private func together(_ cost: Int) async -> Double {
        let phase = LoadPhase(warmUp: length / 4, length: length) { false }
        return await phase.together(pool.threadCount, hashing(cost)).perSecond ?? 0
    }

    private func hashing(_ cost: Int) -> LoadPhase.Call {
        let hash = BcryptHash.decoy(cost: cost)
        let password = SecretBytes(utf8: "a password of common length")
        return { [pool, engine] _ in
            do throws(WorkerPoolError) {
                let isDone = try await pool.run {
                    (try? hash.verify(password, allowsTruncation: false, engine: engine)) != nil
                }
                return isDone ? nil : Failure(.failed, "HASHING_FAILED", "bcrypt failed")
            } catch {
                return Failure(.failed, "HASHING_FAILED", "\(error)")
            }
        }
    }
}
