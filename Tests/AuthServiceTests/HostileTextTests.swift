import AuthCore
import AuthService
import Bytes
import TTRPC
import TestSupport
import Testing

/// Text from outside that is meant to take long.
struct HostileTextTests {
    /// Half a million bytes. Comparing or hashing it as text takes seconds, because the marks of one
    /// character are sorted by insertion.
    private static let marks = Array(String(repeating: "\u{301}\u{316}", count: 120_000).utf8)
    /// What fields 1 and 2 usually are, so that others are looked at too.
    private static let usual: [UInt8: [UInt8]] = [
        1: Array("ada@example.com".utf8),
        2: Array("$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234".utf8),
    ]

    /// Requests with `marks` as each of the fields 1 to 15, and within field 4 and 5 as a message.
    private static var payloads: [[UInt8]] {
        func request(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            usual.filter { $0.key != number }.reduce(field(number, bytes)) {
                $0 + field($1.key, $1.value)
            }
        }
        let nested = (1...4).map { field($0, marks) }
        return (1...15).map { request($0, marks) }
            + nested.flatMap { [request(4, $0), request(5, $0)] }
    }

    @Test(arguments: [ServiceNames.auth, ServiceNames.admin, ServiceNames.health])
    func `No RPC takes long over a run of combining marks in any field`(
        service: String
    ) async throws {
        let fixture = try ServiceFixture()
        let token = try await fixture.core.login().access
        for name in fixture.methodNames(of: service) {
            let method = try fixture.method(name, of: service)
            let context = try fixture.context(name, of: service, token)
            for payload in Self.payloads {
                let start = ContinuousClock.now
                _ = try? await method.suspending(context, SecretBytes(payload))
                let duration = ContinuousClock.now - start
                #expect(duration < .seconds(2), "\(name), field \(payload[0] >> 3)")
            }
        }
    }

    @Test func `A request with more fields than any has is refused before it is decoded`()
        async throws
    {
        let fixture = try ServiceFixture()
        let method = try fixture.method("Register")
        let email = field(1, Array("ada@example.com".utf8))
        let password = field(2, Array("violet-anchor-93-trumpet".utf8))
        func call(_ payload: [UInt8]) async throws {
            _ = try await method.suspending(
                try fixture.context("Register"), SecretBytes(payload))
        }
        for extra in [[0x78, 0x01], [0x0a, 0x00]] as [[UInt8]] {
            let flood = [UInt8]((0..<255).flatMap { _ in extra })
            await #expect(throws: RPCError.self) { try await call(flood + email + password) }
        }
        let error = await #expect(throws: RPCError.self) {
            try await call([UInt8]((0..<255).flatMap { _ in [0x78, 0x01] }) + email + password)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("more than 256 fields") == true)
        try await call([UInt8]((0..<254).flatMap { _ in [0x78, 0x01] }) + email + password)
    }
}
