import Storage
import TestSupport
import Testing

@testable import AuthCore

@Suite struct CounterTableTests {
    @Test func `The table stays at its fixed capacity after a million insertions`() {
        var table = CounterTable<Int>(setCount: 64) { $0 < $1 }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1_000_000 { table[random.next()] = 1 }
        #expect(table.count == table.capacity)
        #expect(table.capacity == 512)
    }

    @Test func `A full set evicts its lightest entry and admits the new key`() {
        var table = CounterTable<Int>(setCount: 1) { $0 < $1 }
        for key in 0..<8 { table[UInt64(key)] = 10 + key }
        for key in 100..<200 { table[UInt64(key)] = 1 }
        #expect((1..<8).allSatisfy { table[UInt64($0)] == 10 + $0 })
        #expect(table[0] == nil)
        #expect(table[199] == 1)
        #expect(table[198] == nil)
    }

    @Test func `Removing an entry frees its slot`() {
        var table = CounterTable<Int>(setCount: 2) { $0 < $1 }
        for key in 0..<16 { table[UInt64(key)] = key }
        table[5] = nil
        table[5] = nil
        #expect(table[5] == nil)
        #expect(table.count == 15)
        table[7] = 70
        #expect(table[7] == 70)
        #expect(table.count == 15)
    }

    private static let partition = AccountPartition(email: "ada@example.com")
    private static let now = Timestamp(seconds: 1_795_000_000)

    private static func attempt(
        account: UInt64, pair: UInt64?, network: UInt64?, fingerprint: UInt64
    ) -> LockoutLedger.Attempt {
        LockoutLedger.Attempt(
            partition: partition,
            subject: LockoutSubject(
                account: account, pair: pair, network: network, caller: account),
            code: nil, hidesCodeWait: true, owner: nil, stored: AccountFailures(),
            fingerprint: PasswordFingerprint(fingerprint, 1))
    }

    /// Enters, is judged, fails when it is admitted, and leaves.
    private static func fail(_ ledger: inout LockoutLedger, _ attempt: LockoutLedger.Attempt)
        -> Bool
    {
        ledger.enter(partition)
        defer { ledger.leave(partition) }
        guard case .admitted(let ticket) = ledger.judge(.ticket(attempt), at: now) else {
            return false
        }
        ledger.fail(ticket, .password, at: now)
        return true
    }

    @Test
    func `A flood of unknown addresses fills the tables without resetting a throttled account`() {
        var ledger = LockoutLedger(policy: LockoutPolicy(), setCount: 128)
        var random = SystemRandomNumberGenerator()
        for guess in 0..<5 {
            let attempt = Self.attempt(
                account: 77, pair: nil, network: nil, fingerprint: UInt64(guess))
            let isAdmitted = Self.fail(&ledger, attempt)
            #expect(isAdmitted)
        }
        var admitted = 0
        for _ in 0..<100_000 {
            let attempt = Self.attempt(
                account: random.next(), pair: random.next(), network: random.next(),
                fingerprint: random.next())
            if Self.fail(&ledger, attempt) { admitted += 1 }
        }
        #expect(admitted == 100_000)
        #expect(ledger.rowCount.most == 128 * 8 * 3)
        #expect(ledger.rowCount.now == ledger.rowCount.most)
        #expect(ledger.gates.isEmpty)
        let attempt = Self.attempt(account: 77, pair: nil, network: nil, fingerprint: 99)
        let isFree = Self.fail(&ledger, attempt)
        #expect(!isFree)
    }

    @Test func `The number of waiting attempts is limited, and a free place can be taken again`() {
        var ledger = LockoutLedger(policy: LockoutPolicy(), setCount: 1)
        let attempt = LockoutLedger.Request.ticket(
            Self.attempt(account: 1, pair: nil, network: nil, fingerprint: 2))
        var accepted = (0..<LockoutLedger.waitingMax).map { ledger.wait(UInt64($0), attempt) }
        #expect(accepted.allSatisfy { $0 })
        accepted = [ledger.wait(5000, attempt)]
        #expect(accepted == [false])
        let stopped = [ledger.stopWaiting(7), ledger.stopWaiting(7)]
        #expect(stopped == [true, false])
        accepted = [ledger.wait(5000, attempt)]
        #expect(accepted == [true])
    }
}
