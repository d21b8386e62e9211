import Bytes
import Cryptography
import TestSupport
import Testing

/// Hashes of other systems, checked against what those wrote.
@Suite struct PasswordHashTests {
    private struct File: Decodable {
        struct Vector: Decodable {
            let by: String
            let password: HexBytes
            let hash: String
        }
        let hashes: [Vector]
    }

    private static let salt = "c29tZXNhbHRzb21lc2FsdA"
    private static let digest = "BijWV1mLDMwUciJDLYSyxoNXMOzvQplZRklvtvdcF3k"

    private func vectors() throws -> [File.Vector] {
        try Vectors.load(File.self, "foreign_hashes.json").hashes
    }

    @Test func `Hashes of bcrypt, argon2-cffi and passlib match their passwords and no others`()
        throws
    {
        let vectors = try vectors()
        #expect(vectors.count == 27)
        for vector in vectors {
            let hash = try PasswordHash(parsing: vector.hash)
            #expect(
                try hash.verify(vector.password.secret, allowsTruncation: true), "\(vector.hash)")
            var damaged = vector.password.bytes
            damaged[0] ^= 1
            #expect(try !hash.verify(SecretBytes(damaged), allowsTruncation: true))
            #expect(try !hash.verify(SecretBytes(), allowsTruncation: true))
        }
    }

    @Test func `Only plain bcrypt truncates at 72 bytes, and only where that is allowed`() throws {
        for vector in try vectors() where vector.password.bytes.count > 72 {
            let hash = try PasswordHash(parsing: vector.hash)
            #expect(
                try hash.verify(vector.password.secret, allowsTruncation: false)
                    != hash.isPlainBcrypt)
            var longer = vector.password.bytes
            longer.append(0x21)
            #expect(
                try hash.verify(SecretBytes(longer), allowsTruncation: true) == hash.isPlainBcrypt)
        }
    }

    @Test func `The name of a hash is its scheme and cost parameters`() throws {
        let names = try vectors().map { try PasswordHash(parsing: $0.hash).name }
        for name in [
            "bcrypt 5", "bcrypt-sha256 5", "argon2id m=65536,t=3,p=4", "scrypt ln=16,r=8,p=1",
            "pbkdf2-sha1 131000", "pbkdf2-sha256 29000", "pbkdf2-sha512 25000",
        ] {
            #expect(names.contains(name))
        }
    }

    @Test func `Cost parameters are accepted up to their limits and refused beyond them`()
        throws
    {
        let (salt, digest) = (Self.salt, Self.digest)
        let adapted = digest.replacing("+", with: ".")
        for (text, isTaken) in [
            ("$argon2id$v=19$m=131072,t=8,p=4$\(salt)$\(digest)", true),
            ("$argon2id$v=19$m=131073,t=1,p=4$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=131072,t=9,p=4$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=1024,t=64,p=4$\(salt)$\(digest)", true),
            ("$argon2id$v=19$m=1024,t=65,p=4$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=1024,t=0,p=4$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=128,t=1,p=16$\(salt)$\(digest)", true),
            ("$argon2id$v=19$m=136,t=1,p=17$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=127,t=1,p=16$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=7,t=1,p=1$\(salt)$\(digest)", false),
            ("$argon2id$v=19$m=1024,t=1,p=0$\(salt)$\(digest)", false),
            ("$scrypt$ln=17,r=8,p=4$\(salt)$\(digest)", true),
            ("$scrypt$ln=18,r=8,p=1$\(salt)$\(digest)", false),
            ("$scrypt$ln=17,r=8,p=5$\(salt)$\(digest)", false),
            ("$scrypt$ln=15,r=1,p=1$\(salt)$\(digest)", true),
            ("$scrypt$ln=16,r=1,p=1$\(salt)$\(digest)", false),
            ("$scrypt$ln=19,r=2,p=1$\(salt)$\(digest)", true),
            ("$scrypt$ln=21,r=2,p=1$\(salt)$\(digest)", false),
            ("$scrypt$ln=999999999,r=1,p=1$\(salt)$\(digest)", false),
            ("$scrypt$ln=4,r=33,p=1$\(salt)$\(digest)", false),
            ("$scrypt$ln=4,r=8,p=17$\(salt)$\(digest)", false),
            ("$scrypt$ln=0,r=8,p=1$\(salt)$\(digest)", false),
            ("$pbkdf2-sha256$2000000$\(salt)$\(adapted)", true),
            ("$pbkdf2-sha256$2000001$\(salt)$\(adapted)", false),
            ("$pbkdf2-sha256$0$\(salt)$\(adapted)", false),
            ("$2b$16$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", true),
            ("$2b$17$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", false),
        ] {
            #expect(((try? PasswordHash(parsing: text)) != nil) == isTaken, "\(text)")
        }
    }

    @Test func `A malformed hash or one of an unknown scheme is refused`() throws {
        let (salt, digest) = (Self.salt, Self.digest)
        for text in [
            "", "$", "plain", "$1$salt$digest", "$argon2i$v=19$m=8,t=1,p=1$\(salt)$\(digest)",
            "$argon2d$v=19$m=8,t=1,p=1$\(salt)$\(digest)",
            "$argon2id$v=16$m=8,t=1,p=1$\(salt)$\(digest)",
            "$argon2id$m=8,t=1,p=1$\(salt)$\(digest)",
            "$argon2id$v=19$t=1,m=8,p=1$\(salt)$\(digest)",
            "$argon2id$v=19$m=8,t=1$\(salt)$\(digest)",
            "$argon2id$v=19$m=8,t=1,p=1,x=1$\(salt)$\(digest)",
            "$argon2id$v=19$m=08,t=1,p=1$\(salt)$\(digest)",
            "$argon2id$v=19$m=+8,t=1,p=1$\(salt)$\(digest)",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)=$\(digest)",
            "$argon2id$v=19$m=8,t=1,p=1$$\(digest)", "$argon2id$v=19$m=8,t=1,p=1$\(salt)$",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)$\(digest)$",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)$\(digest)\n",
            "$argon2id$v=19$m=8,t=1,p=1$\(salt)$AAAA", "$scrypt$ln=4,r=8$\(salt)$\(digest)",
            "$scrypt$16,8,1$\(salt)$\(digest)", "$pbkdf2-sha224$1$\(salt)$\(digest)",
            "$pbkdf2-sha512$1$\(salt)$\(digest)", "$pbkdf2-sha256$1$\(salt)",
            "$pbkdf2-sha256$1$\(salt)$\(digest)+", "$7$C6..../....salt$digest",
            "$scrypt$ln=4,r=8,p=1$\(salt)$" + String(repeating: "A", count: 600),
        ] {
            #expect(throws: CryptographyError.self, "\(text)") {
                _ = try PasswordHash(parsing: text)
            }
        }
    }

    @Test func `A hash with a changed digest is refused or does not match`() throws {
        for vector in try vectors() {
            guard let hash = try? PasswordHash(parsing: vector.hash), !hash.isPlainBcrypt,
                !vector.hash.contains("m=65536"), !vector.hash.contains("ln=16"),
                !vector.by.contains("defaults")
            else { continue }
            var bytes = Array(vector.hash.utf8)
            let last = bytes.count - 3
            bytes[last] = bytes[last] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            guard let damaged = try? PasswordHash(parsing: String(decoding: bytes, as: UTF8.self))
            else { continue }
            #expect(try !damaged.verify(vector.password.secret, allowsTruncation: true))
        }
    }
}
