import Bytes
import Foundation
import TestSupport
import Testing
import Transport

extension IntegrationTests {
    struct CrashTests {
        private static let workersCount = 5

        @Test func `Fifty kills lose nothing that was acknowledged`() async throws {
            var generator = SeededRandom(seed: 0x6175_7468_6400_0002)
            let home = try DaemonHome(["AUTHD_SESSION_CACHE_SECONDS": "0"])
            var all: [AccountFacts] = []
            var latest: [AccountFacts] = []
            var acknowledged = 0
            for round in 0..<50 {
                let process = try await home.start()
                all += try await CrashTests.check(latest, home, "round \(round)")
                let kill = KillSwitch(process, after: .random(in: 3...40, using: &generator))
                latest = try await CrashTests.work(home, kill, round, &generator)
                acknowledged += kill.count
                #expect(await process.exit() == .signal(SIGKILL))
            }
            let process = try await home.start()
            all += try await CrashTests.check(latest, home, "the last round")
            // Once more for every account, with what the check after its own round gave.
            _ = try await CrashTests.check(all, home, "the end")
            #expect(acknowledged >= 50 * 3)
            #expect(all.contains { $0.deletion == .acknowledged })
            process.signal(SIGTERM)
            #expect(try await process.exit(within: .seconds(40)) == .code(0))
            try home.checkLog()
        }

        /// Lets clients work until the daemon is dead; what they know then.
        private static func work(
            _ home: DaemonHome, _ kill: KillSwitch, _ round: Int,
            _ generator: inout SeededRandom
        ) async throws -> [AccountFacts] {
            let seeds = (0..<workersCount).map { _ in generator.next() }
            return try await withThrowingTaskGroup(of: [AccountFacts].self) { group in
                for (index, seed) in seeds.enumerated() {
                    var limits = RPCClientLimits()
                    limits.connectAttemptsMax = 1
                    let client = try home.client(limits)
                    group.addTask {
                        var worker = CrashWorker(
                            client: client, kill: kill, name: "r\(round)-w\(index)",
                            generator: SeededRandom(seed: seed))
                        await worker.run()
                        await client.close()
                        if let refusal = worker.refusal {
                            throw TestFailure("round \(round): \(refusal)")
                        }
                        return worker.facts
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }

        /// Holds the daemon to what is known of `accounts`; what is known after that.
        private static func check(
            _ accounts: [AccountFacts], _ home: DaemonHome, _ when: String
        ) async throws -> [AccountFacts] {
            let client = try home.client()
            let checked = try await withThrowingTaskGroup(of: AccountFacts.self) { group in
                // Few at once: the daemon's queue of hashes is short.
                var checked: [AccountFacts] = []
                for (index, account) in accounts.enumerated() {
                    if index >= 8, let facts = try await group.next() { checked.append(facts) }
                    group.addTask {
                        var account = account
                        do {
                            try await account.check(client)
                        } catch {
                            throw TestFailure("\(when): \(account.email): \(error)")
                        }
                        return account
                    }
                }
                for try await facts in group { checked.append(facts) }
                return checked
            }
            await client.close()
            return checked
        }
    }
}
