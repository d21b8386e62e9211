import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct KeyDerivationTests {
    private struct HKDFFile: Decodable {
        struct Vector: Decodable {
            let name: String
            let hash: String
            let key: HexBytes
            let salt: HexBytes
            let info: HexBytes
            let output: HexBytes
        }
        let vectors: [Vector]
    }

    private struct PBKDF2File: Decodable {
        struct Vector: Decodable {
            let name: String
            let hash: String
            let password: HexBytes
            let salt: HexBytes
            let iterations: Int
            let output: HexBytes
        }
        let vectors: [Vector]
    }

    private struct WycheproofHKDF: Decodable {
        struct Group: Decodable { let tests: [Case] }
        struct Case: Decodable {
            let tcId: Int
            let ikm: HexBytes
            let salt: HexBytes
            let info: HexBytes
            let size: Int
            let okm: HexBytes
            let result: String
        }
        let testGroups: [Group]
    }

    private struct WycheproofPBKDF2: Decodable {
        struct Group: Decodable { let tests: [Case] }
        struct Case: Decodable {
            let tcId: Int
            let password: HexBytes
            let salt: HexBytes
            let iterationCount: Int
            let dkLen: Int
            let dk: HexBytes
            let result: String
        }
        let testGroups: [Group]
    }

    private func algorithm(_ name: String) throws -> HashAlgorithm {
        try #require(["sha1": .sha1, "sha256": .sha256][name])
    }

    @Test func `The vectors of RFC 5869 hold`() throws {
        for vector in try Vectors.load(HKDFFile.self, "hkdf.json").vectors {
            let output = HKDF.derive(
                hash: try algorithm(vector.hash), key: vector.key.secret, salt: vector.salt.bytes,
                info: vector.info.bytes, count: vector.output.bytes.count)
            #expect(output == vector.output.secret, "\(vector.name)")
        }
    }

    @Test func `HKDF accepts info of the maximum length and traps on one byte more`() async {
        let key = SecretBytes(utf8: "key")
        let longest = HKDF.derive(
            hash: .sha256, key: key, salt: [],
            info: [UInt8](repeating: 7, count: HKDF.infoBytesMax), count: 16)
        #expect(longest.count == 16)
        await #expect(processExitsWith: .failure) {
            _ = HKDF.derive(
                hash: .sha256, key: SecretBytes(utf8: "key"), salt: [],
                info: [UInt8](repeating: 7, count: HKDF.infoBytesMax + 1), count: 16)
        }
    }

    @Test func `HKDF traps on output longer than 255 digests`() async {
        await #expect(processExitsWith: .failure) {
            _ = HKDF.derive(
                hash: .sha256, key: SecretBytes(utf8: "key"), salt: [], info: [],
                count: HKDF.outputBytesMax(.sha256) + 1)
        }
    }

    @Test func `The vectors of RFC 6070 and RFC 7914 hold`() throws {
        for vector in try Vectors.load(PBKDF2File.self, "pbkdf2.json").vectors {
            let output = try PBKDF2.derive(
                hash: try algorithm(vector.hash), password: vector.password.secret,
                salt: vector.salt.bytes, iterations: vector.iterations,
                count: vector.output.bytes.count)
            #expect(output == vector.output.secret, "\(vector.name)")
        }
    }

    @Test(arguments: [-1, 0, 10_000_001, .max])
    func `An iteration count out of range is refused`(iterations: Int) {
        #expect(throws: CryptographyError.iterationsOutOfRange(1...10_000_000)) {
            try PBKDF2.derive(
                hash: .sha256, password: SecretBytes(utf8: "p"), salt: [1],
                iterations: iterations, count: 32)
        }
    }

    @Test(arguments: [-1, 0, PBKDF2.outputBytesMax + 1])
    func `An output length out of bounds is refused`(count: Int) {
        #expect(throws: CryptographyError.outputLengthOutOfRange(bytesMax: PBKDF2.outputBytesMax)) {
            try PBKDF2.derive(
                hash: .sha1, password: SecretBytes(utf8: "p"), salt: [1], iterations: 1,
                count: count)
        }
    }

    @Test(.wycheproof) func `HKDF agrees with the Wycheproof test vectors`() throws {
        let file = try Vectors.loadWycheproof(WycheproofHKDF.self, "hkdf_sha256_test.json")
        var decided = 0
        for test in file.testGroups.flatMap(\.tests) {
            decided += 1
            guard test.result == "valid" else {
                // What is wrong with these is their length, which `derive` stops at.
                #expect(test.size > HKDF.outputBytesMax(.sha256), "case \(test.tcId)")
                continue
            }
            let output = HKDF.derive(
                hash: .sha256, key: test.ikm.secret, salt: test.salt.bytes, info: test.info.bytes,
                count: test.size)
            #expect(output == test.okm.secret, "case \(test.tcId)")
        }
        #expect(decided == 86)
    }

    @Test(.wycheproof) func `PBKDF2 agrees with the Wycheproof test vectors`() throws {
        let file = try Vectors.loadWycheproof(WycheproofPBKDF2.self, "pbkdf2_hmacsha1_test.json")
        var decided = 0
        for test in file.testGroups.flatMap(\.tests) {
            decided += 1
            guard PBKDF2.iterations.contains(test.iterationCount) else {
                // RFC 6070's case of 16,777,216 iterations, above the limit on stored data.
                #expect(throws: CryptographyError.iterationsOutOfRange(PBKDF2.iterations)) {
                    try PBKDF2.derive(
                        hash: .sha1, password: test.password.secret, salt: test.salt.bytes,
                        iterations: test.iterationCount, count: test.dkLen)
                }
                continue
            }
            let output = try PBKDF2.derive(
                hash: .sha1, password: test.password.secret, salt: test.salt.bytes,
                iterations: test.iterationCount, count: test.dkLen)
            #expect((output == test.dk.secret) == (test.result == "valid"), "case \(test.tcId)")
        }
        #expect(decided == 64)
    }
}
