import Bytes
import Foundation
import TestSupport
import Testing

@testable import Cryptography

/// Our own bcrypt. Its results on many random passwords are compared with libxcrypt's by the program
/// in `Tests/BcryptCheck`, under sanitizers; here is what is around it.
struct BcryptLanesTests {
    @Test func `The self-test of the fast bcrypt passes, so it is used`() {
        guard case .lanes = BcryptEngine.chosen(coreCount: 1) else {
            Issue.record("the self-test of CBcrypt fails")
            return
        }
    }

    @Test func `Published hashes match their passwords and no others`() throws {
        let engine = BcryptEngine.lanes(BcryptLanes(coreCount: 1))
        let file = try BcryptVectors.load()
        for vector in file.published + file.prehashed {
            let hash = try BcryptHash(parsing: vector.hash)
            let password = vector.password.bytes
            #expect(
                try hash.verify(SecretBytes(password), allowsTruncation: false, engine: engine))
            var damaged = password.isEmpty ? [1] : password
            damaged[damaged.count - 1] ^= 1
            #expect(
                try !hash.verify(SecretBytes(damaged), allowsTruncation: false, engine: engine))
        }
    }

    @Test func `A password affected by the 2a countermeasure of crypt matches the hash of crypt`()
        throws
    {
        // A password whose key under an old fault equalled another's: crypt(3) keeps them apart.
        let password = SecretBytes([
            0xff, 0xa3, 0x33, 0x34, 0xff, 0xff, 0xff, 0xa3, 0x33, 0x34, 0x35,
        ])
        for scheme in [BcryptHash.Scheme.bcrypt2a, .bcrypt2b, .bcrypt2y] {
            let setting = "$\(scheme.rawValue)$04$/OK.fbVrR/bpIqNJ5ianF."
            let digest = try CryptWorkspace().digest(of: password, setting) { Array($0) }
            let hash = try BcryptHash(parsing: setting + String(decoding: digest, as: UTF8.self))
            let engine = BcryptEngine.lanes(BcryptLanes(coreCount: 1))
            #expect(try hash.verify(password, allowsTruncation: false, engine: engine), "\(scheme)")
        }
    }

    /// Sixteen threads on two cores, with costs that let hashes end at different times: each gets
    /// the hash of its own password, whoever computed it.
    @Test func `Threads that share the lanes each get the hash of their own password`() async throws
    {
        let engine = BcryptEngine.lanes(BcryptLanes(coreCount: 2))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for thread in 0..<16 {
                group.addTask {
                    try await onThread {
                        for turn in 0..<6 {
                            let password = SecretBytes(utf8: "password \(thread) \(turn)")
                            let hash = try BcryptHash.make(
                                password: password, cost: 4 + (thread + turn) % 4, engine: engine)
                            #expect(try hash.verify(password, allowsTruncation: false))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Passwords and digests are compared under both engines, either way round.
    @Test(arguments: [0, 1, 55, 71, 72, 73, 100])
    func `Hashes of passwords of any length agree with libxcrypt`(count: Int) throws {
        let engine = BcryptEngine.lanes(BcryptLanes(coreCount: 1))
        let password = SecretBytes((0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 129) })
        let ours = try BcryptHash.make(password: password, cost: 4, engine: engine)
        #expect(try ours.verify(password, allowsTruncation: false))
        let theirs = try BcryptHash.make(password: password, cost: 4)
        #expect(try theirs.verify(password, allowsTruncation: false, engine: engine))
    }

    @Test func `A password with a NUL byte does not match the hash of the part before it`() throws {
        let engine = BcryptEngine.lanes(BcryptLanes(coreCount: 1))
        let hash = try BcryptHash.make(password: SecretBytes(utf8: "admin"), cost: 4)
        for allowsTruncation in [false, true] {
            #expect(
                try !hash.verify(
                    SecretBytes(utf8: "admin\0other"), allowsTruncation: allowsTruncation,
                    engine: engine))
        }
    }

    @Test func `Encoding and decoding the Base64 of bcrypt returns the same bytes`() {
        for count in 0...24 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
            #expect(BcryptBase64.decode(BcryptBase64.encode(bytes)) == bytes)
        }
        #expect(BcryptBase64.decode("abc$") == nil)
    }

    /// Runs `work`, which blocks, on a thread of its own.
    private func onThread(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: work)) }
            thread.start()
        }
    }
}
