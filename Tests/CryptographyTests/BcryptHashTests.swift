import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct BcryptHashTests {
    private static let example = "$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"

    @Test func `Published hashes match their passwords and no others`() throws {
        let file = try BcryptVectors.load()
        for vector in file.published + file.prehashed {
            let hash = try BcryptHash(parsing: vector.hash)
            #expect(hash.text == vector.hash)
            let password = vector.password.bytes
            #expect(try hash.verify(SecretBytes(password), allowsTruncation: false))
            var damaged = password.isEmpty ? [1] : password
            damaged[damaged.count - 1] ^= 1
            #expect(try !hash.verify(SecretBytes(damaged), allowsTruncation: false))
        }
        #expect(file.published.count >= 12 && file.prehashed.count == 5)
    }

    @Test func `The hash of a truncated password matches only where truncation is allowed`() throws
    {
        let vector = try #require(try BcryptVectors.load().truncated.first)
        let hash = try BcryptHash(parsing: vector.hash)
        #expect(vector.password.bytes.count > 72 && hash.cost == 12)
        #expect(try hash.verify(vector.password.secret, allowsTruncation: true))
        #expect(try !hash.verify(vector.password.secret, allowsTruncation: false))
    }

    @Test(arguments: [0, 1, 71, 72, 73, 1024])
    func `A new hash matches only the whole password`(count: Int) throws {
        let password = [UInt8](repeating: UInt8(ascii: "p"), count: count)
        let hash = try BcryptHash.make(password: SecretBytes(password), cost: 4)
        #expect(hash.scheme == (count <= 72 ? .bcrypt2b : .bcryptSHA256))
        #expect(hash.cost == 4)
        #expect(try BcryptHash(parsing: hash.text) == hash)
        #expect(try hash.verify(SecretBytes(password), allowsTruncation: false))
        #expect(
            try !hash.verify(
                SecretBytes(password + [UInt8(ascii: "p")]), allowsTruncation: false))
        guard count > 0 else { return }
        #expect(try !hash.verify(SecretBytes(password.dropLast()), allowsTruncation: false))
    }

    @Test func `Plain bcrypt ignores bytes after the 72nd only where truncation is allowed`() throws
    {
        let password = [UInt8](repeating: UInt8(ascii: "p"), count: 72)
        let hash = try BcryptHash.make(password: SecretBytes(password), cost: 4)
        let longer = SecretBytes(password + Array("other".utf8))
        #expect(try hash.verify(longer, allowsTruncation: true))
        #expect(try !hash.verify(longer, allowsTruncation: false))
        let nulBehind = SecretBytes(password + [0])
        #expect(try hash.verify(nulBehind, allowsTruncation: true))
        #expect(try !hash.verify(nulBehind, allowsTruncation: false))
    }

    @Test func `A NUL byte does not truncate a password`() throws {
        let short = try BcryptHash.make(password: SecretBytes(utf8: "admin"), cost: 4)
        for allowsTruncation in [false, true] {
            #expect(
                try !short.verify(
                    SecretBytes(utf8: "admin\0anything"), allowsTruncation: allowsTruncation))
            #expect(
                try !short.verify(SecretBytes(utf8: "admin\0"), allowsTruncation: allowsTruncation))
        }
        let whole = try BcryptHash.make(password: SecretBytes(utf8: "admin\0one"), cost: 4)
        #expect(whole.scheme == .bcryptSHA256)
        #expect(try whole.verify(SecretBytes(utf8: "admin\0one"), allowsTruncation: false))
        #expect(try !whole.verify(SecretBytes(utf8: "admin\0two"), allowsTruncation: true))
        #expect(try !whole.verify(SecretBytes(utf8: "admin"), allowsTruncation: true))
    }

    @Test func `The hash of the empty password does not match a single NUL byte`() throws {
        let hash = try BcryptHash.make(password: SecretBytes(), cost: 4)
        #expect(try hash.verify(SecretBytes(), allowsTruncation: false))
        #expect(try !hash.verify(SecretBytes([0]), allowsTruncation: true))
    }

    @Test func `A password that cannot match takes about as long as one that can`() throws {
        let hash = try BcryptHash.make(password: SecretBytes(utf8: "pass"), cost: 7)
        let clock = ContinuousClock()
        func fastest(_ password: SecretBytes) throws -> Duration {
            try (0..<3).map { _ in
                try clock.measure { _ = try hash.verify(password, allowsTruncation: false) }
            }.min() ?? .zero
        }
        let right = try fastest(SecretBytes(utf8: "pass"))
        #expect(try fastest(SecretBytes(count: 1024) { _ in }) > right / 2)
        #expect(try fastest(SecretBytes(utf8: "\0")) > right / 2)
    }

    @Test func `Each hash has its own salt`() throws {
        let password = SecretBytes(utf8: "same")
        let texts = try (0..<4).map { _ in
            try BcryptHash.make(password: password, cost: 4).text
        }
        #expect(Set(texts).count == 4)
    }

    @Test(arguments: [Int.min, 0, 3, 17, 31, 32])
    func `A new hash with a cost out of range is refused`(cost: Int) {
        #expect(throws: CryptographyError.costOutOfRange(4...16)) {
            try BcryptHash.make(password: SecretBytes(utf8: "p"), cost: cost)
        }
    }

    @Test func `A stored cost above the limit of the caller is refused`() throws {
        let hash = try BcryptHash(
            parsing: BcryptHashTests.example.replacing("$05$", with: "$31$"))
        #expect(throws: CryptographyError.costOutOfRange(4...16)) {
            try hash.verify(SecretBytes(utf8: "p"), allowsTruncation: false)
        }
        let cheap = try BcryptHash(parsing: BcryptHashTests.example)
        #expect(throws: CryptographyError.costOutOfRange(4...4)) {
            try cheap.verify(SecretBytes(utf8: "p"), allowsTruncation: false, costMax: 4)
        }
    }

    @Test(arguments: [
        "", "$", "$$$", "$2b$", "plain", example + ".", String(example.dropLast()), " " + example,
        example + "\n", example + "\0",
        example.replacing("$2b$", with: "$2x$"), example.replacing("$2b$", with: "$2$"),
        example.replacing("$2b$", with: "$2c$"), example.replacing("$2b$", with: "$2B$"),
        example.replacing("$05$", with: "$5$"), example.replacing("$05$", with: "$005$"),
        example.replacing("$05$", with: "$+5$"), example.replacing("$05$", with: "$ 5$"),
        example.replacing("$05$", with: "$0x$"), example.replacing("$05$", with: "$٠٥$"),
        example.replacing("abc", with: "ab="), example.replacing("abc", with: "ab+"),
        example.replacing("abc", with: "ab$"), example.replacing("abcd", with: "abé"),
        // Bits behind the sixteenth byte of the salt, and the last of the digest.
        example.replacing("stuu5", with: "stuv5"), example.replacing("JeBui", with: "JeBuj"),
        "$bcrypt-sha256$2b,6$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe",
        "$bcrypt-sha256$v=1,t=2b,r=6$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe",
        "$bcrypt-sha256$v=2,t=2a,r=6$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe",
        "$bcrypt-sha256$v=2,t=2b,r=06$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe",
        "$bcrypt-sha256$v=2,t=2b,r=$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe",
        "$bcrypt-sha256$v=2,t=2b,r=6$ql/WoWRj.tFPz39sy8qJM$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe",
        "$bcrypt-sha256$v=2,t=2b,r=6$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZ",
        "$bcrypt-sha256$v=2,t=2b,r=6$ql/WoWRj.tFPz39sy8qJMu$LtuTvxtsDcUMEar4oRSg5fhEd5HhSZe$",
        "$bcrypt-sha256$v=2,t=2b,r=6$ql/WoWRj.tFPz39sy8qJMu$",
        "$bcrypt-sha256$v=2,t=2b,r=6$ql/WoWRj.tFPz39sy8qJMu",
    ])
    func `A malformed or unsupported hash is refused`(text: String) {
        #expect(throws: CryptographyError.hashMalformed) { try BcryptHash(parsing: text) }
    }

    @Test(arguments: ["00", "03", "32", "99"])
    func `A stored cost that bcrypt does not define is refused`(cost: String) {
        #expect(throws: CryptographyError.costOutOfRange(4...31)) {
            try BcryptHash(
                parsing: BcryptHashTests.example.replacing("$05$", with: "$\(cost)$"))
        }
    }

    @Test func `A hash prints neither salt nor digest`() throws {
        let hash = try BcryptHash(parsing: BcryptHashTests.example)
        var dumped = ""
        dump(hash, to: &dumped)
        for text in ["\(hash)", String(reflecting: hash), dumped] {
            #expect(!text.contains("abcdefgh") && !text.contains("iXieOjg"))
        }
    }
}
