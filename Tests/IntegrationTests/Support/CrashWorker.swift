import Bytes
import TestSupport
import Transport

/// Writes to accounts of its own until the daemon is gone, and notes what was acknowledged.
struct CrashWorker {
    let client: TestClient
    let kill: KillSwitch
    let name: String
    var generator: SeededRandom
    private(set) var facts: [AccountFacts] = []
    /// What the living daemon refused, which it never should.
    private(set) var refusal: RPCClientError?

    init(client: TestClient, kill: KillSwitch, name: String, generator: SeededRandom) {
        self.client = client
        self.kill = kill
        self.name = name
        self.generator = generator
    }

    mutating func run() async {
        do throws(RPCClientError) {
            while true { try await liveOnce() }
        } catch {
            if error.isRefusal { refusal = error }
        }
    }

    /// One account's life. What is being asked is noted before, what was answered after.
    private mutating func liveOnce() async throws(RPCClientError) {
        let email = "\(name)-\(facts.count)@example.org"
        var account = AccountFacts(email: email, password: generator.password())
        defer { facts.append(account) }
        try await client.register(email, account.password)
        account.isRegistered = true
        kill.acknowledge()
        var login = try await client.login(email, account.password)
        account.refresh = login.refresh
        kill.acknowledge()
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            if Int.random(in: 0..<3, using: &generator) > 0 {
                login = try await client.refresh(login.refresh)
                account.refresh = login.refresh
            } else {
                let password = generator.password()
                account.nextPassword = password
                try await client.changePassword(
                    login.access, from: account.password, to: password)
                account.password = password
                account.nextPassword = nil
            }
            kill.acknowledge()
        }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            account.deletion = .asked
            try await client.deleteUser(login.access, account.password)
            account.deletion = .acknowledged
            kill.acknowledge()
        }
    }
}
