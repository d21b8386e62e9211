import AuthCore
import Bytes
import Cryptography
import Foundation
import Glibc
import Synchronization
import Testing

/// The operator's list of breached passwords.
struct BreachedPasswordsTests {
    private static let known = "violet-anchor-93-trumpet"

    /// A directory that goes with the test.
    private final class Folder: Sendable {
        let path: String

        init() throws {
            path = NSTemporaryDirectory() + "authd-breached-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ bytes: [UInt8], _ name: String = "list", mode: mode_t = 0o644) throws
            -> String
        {
            let file = path + "/" + name
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            chmod(file, mode)
            return file
        }
    }

    /// Tells one task that the other has finished.
    private final class End: Sendable {
        let isReached = Atomic(false)
    }

    private static func file(_ numbers: [UInt64], count: UInt64? = nil) -> [UInt8] {
        var bytes = Array("authd-breached-1".utf8)
        withUnsafeBytes(of: (count ?? UInt64(numbers.count)).littleEndian) { bytes += $0 }
        bytes += [UInt8](repeating: 0, count: 8)
        for number in numbers { withUnsafeBytes(of: number.bigEndian) { bytes += $0 } }
        return bytes
    }

    private static func violations(
        _ password: String, _ list: BreachedPasswords
    ) throws -> [PasswordPolicyViolation] {
        PasswordPolicy(breached: list).violations(
            of: SecretBytes(utf8: password), email: try EmailAddress(parsing: "a@example.org"))
    }

    /// SHA-1("password") is known to everybody (RFC 3174 gives the algorithm, the digest every list).
    @Test
    func `The digest of a password is the first 64 bits of its SHA-1`() {
        #expect(
            BreachDigest.number(of: SecretBytes(utf8: "password")) == 0x5baa_61e4_c9b9_3f3f)
        #expect(BreachDigest.number(of: SecretBytes()) == 0xda39_a3ee_5e6b_4b0d)
    }

    @Test
    func `Only passwords on the list are refused as breached`() throws {
        let folder = try Folder()
        let number = BreachDigest.number(of: SecretBytes(utf8: BreachedPasswordsTests.known))
        var numbers = Set((0..<5000).map { UInt64($0) &* 0x9e37_79b9_7f4a_7c15 })
        numbers.insert(number)
        let list = BreachedPasswords()
        #expect(try BreachedPasswordsTests.violations(BreachedPasswordsTests.known, list) == [])
        try list.load(try folder.write(BreachedPasswordsTests.file(numbers.sorted())))
        #expect(list.count == 5001)
        #expect(
            try BreachedPasswordsTests.violations(BreachedPasswordsTests.known, list)
                == [.breachedPassword])
        for password in [
            "Violet-anchor-93-trumpet", "violet-anchor-93-trumpet ", "granite-willow-62-fern",
        ] {
            #expect(try BreachedPasswordsTests.violations(password, list) == [])
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func `Every entry is found, including the first and the last`(_ count: Int) throws {
        let folder = try Folder()
        let passwords = (0..<count).map { "granite-willow-\($0)-fern-lantern" }
        let numbers = passwords.map { BreachDigest.number(of: SecretBytes(utf8: $0)) }
        let list = BreachedPasswords()
        try list.load(try folder.write(BreachedPasswordsTests.file(numbers.sorted())))
        for password in passwords {
            #expect(
                try BreachedPasswordsTests.violations(password, list) == [.breachedPassword])
        }
    }

    @Test
    func `A damaged or unsafe file is refused and leaves the loaded list in place`() throws {
        let folder = try Folder()
        let number = BreachDigest.number(of: SecretBytes(utf8: BreachedPasswordsTests.known))
        let list = BreachedPasswords()
        let good = BreachedPasswordsTests.file([number])
        try list.load(try folder.write(good))
        let damaged: [[UInt8]] = [
            [], Array(good.dropLast()), good + [0], Array(good[..<32]), Array(good[..<31]),
            BreachedPasswordsTests.file([1, 2], count: 3), BreachedPasswordsTests.file([2, 1]),
            BreachedPasswordsTests.file([1, 1]),
            Array("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3".utf8),
            BreachedPasswordsTests.file([], count: 0),
            BreachedPasswordsTests.file([1], count: .max),
        ]
        for (index, bytes) in damaged.enumerated() {
            let path = try folder.write(bytes, "damaged")
            #expect(throws: BreachedPasswordFileError.self, "\(index)") { try list.load(path) }
        }
        for mode: mode_t in [0o664, 0o646] {
            let path = try folder.write(good, "open", mode: mode)
            let error = #expect(throws: BreachedPasswordFileError.self) { try list.load(path) }
            #expect(error?.problem.contains("is writable by users other than root") == true)
        }
        #expect(throws: BreachedPasswordFileError.self) { try list.load("/nonexistent") }
        #expect(throws: BreachedPasswordFileError.self) { try list.load(folder.path) }
        #expect(
            try BreachedPasswordsTests.violations(BreachedPasswordsTests.known, list)
                == [.breachedPassword])
    }

    @Test
    func `Truncating a file in use does not crash the process`() throws {
        let folder = try Folder()
        let number = BreachDigest.number(of: SecretBytes(utf8: BreachedPasswordsTests.known))
        let many = (0..<100_000).map { UInt64($0) } + [number]
        let path = try folder.write(BreachedPasswordsTests.file(many.sorted()))
        let list = BreachedPasswords()
        try list.load(path)
        #expect(truncate(path, 100) == 0)
        #expect(try BreachedPasswordsTests.violations(BreachedPasswordsTests.known, list) == [])
    }
    @Test
    func `Overwriting a file in use, again and again, does not crash the process`() async throws {
        let folder = try Folder()
        let number = BreachDigest.number(of: SecretBytes(utf8: BreachedPasswordsTests.known))
        let bytes = BreachedPasswordsTests.file(((0..<20_000).map { UInt64($0) } + [number]))
        let path = try folder.write(bytes)
        let list = BreachedPasswords()
        try list.load(path)
        let end = End()
        try await withThrowingTaskGroup { group in
            group.addTask {
                defer { end.isReached.store(true, ordering: .releasing) }
                // As cp does it: the same file, emptied and filled again.
                for _ in 0..<2000 {
                    let file = open(path, O_WRONLY | O_TRUNC)
                    defer { close(file) }
                    #expect(write(file, bytes, bytes.count) == bytes.count)
                }
            }
            group.addTask {
                while !end.isReached.load(ordering: .acquiring) {
                    let violations = try BreachedPasswordsTests.violations(
                        BreachedPasswordsTests.known, list)
                    #expect(violations == [] || violations == [.breachedPassword])
                }
            }
            try await group.waitForAll()
        }
        #expect(
            try BreachedPasswordsTests.violations(BreachedPasswordsTests.known, list)
                == [.breachedPassword])
    }
}
