import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct HMACTests {
    private struct File: Decodable {
        struct Vector: Decodable {
            let name: String
            let key: HexBytes
            let message: HexBytes
            let sha1: HexBytes?
            let sha256: HexBytes?
            let sha384: HexBytes?
            let sha512: HexBytes?
        }
        let vectors: [Vector]
    }

    private struct Wycheproof: Decodable {
        struct Group: Decodable {
            let tagSize: Int
            let tests: [Case]
        }
        struct Case: Decodable {
            let tcId: Int
            let key: HexBytes
            let msg: HexBytes
            let tag: HexBytes
            let result: String
        }
        let testGroups: [Group]
    }

    @Test func `HMAC matches the published test vectors, and no damaged code is valid`() throws {
        for vector in try Vectors.load(File.self, "hmac.json").vectors {
            let codes: [(HashAlgorithm, HexBytes?)] = [
                (.sha1, vector.sha1), (.sha256, vector.sha256), (.sha384, vector.sha384),
                (.sha512, vector.sha512),
            ]
            for (algorithm, expected) in codes {
                guard let expected else { continue }
                let key = HMACKey(algorithm, key: vector.key.secret)
                // Twice: the second code comes from a used context.
                for _ in 0..<2 {
                    let code = vector.message.bytes.withUnsafeBytes {
                        key.authenticationCode(for: $0)
                    }
                    #expect(code == expected.bytes, "\(vector.name) \(algorithm)")
                }
                expectOnly(expected.bytes, isValidFor: vector.message.bytes, under: key)
            }
        }
    }

    private func expectOnly(_ code: [UInt8], isValidFor message: [UInt8], under key: HMACKey) {
        func isValid(_ code: [UInt8]) -> Bool {
            code.withUnsafeBytes { code in
                message.withUnsafeBytes { key.isValid(code, for: $0) }
            }
        }
        #expect(isValid(code))
        #expect(!isValid([]))
        #expect(!isValid(Array(code.dropLast())))
        #expect(!isValid(code + [0]))
        for bit in 0..<code.count * 8 {
            var damaged = code
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!isValid(damaged))
        }
    }

    @Test func `An empty key and an empty message have a code`() {
        let key = HMACKey(.sha256, key: SecretBytes())
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        let expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        #expect(Hex.encode(key.authenticationCode(for: empty)) == expected)
        #expect(Hex.encode(key.authenticationCode(for: empty)) == expected)
    }

    @Test func `Many tasks share one key`() async {
        let key = HMACKey(.sha256, key: SecretBytes(utf8: "a key for many"))
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let message = Array("message \(task)".utf8)
                    let alone = HMACKey(.sha256, key: SecretBytes(utf8: "a key for many"))
                    let expected = message.withUnsafeBytes { alone.authenticationCode(for: $0) }
                    return (0..<500).allSatisfy { _ in
                        message.withUnsafeBytes { key.authenticationCode(for: $0) } == expected
                    }
                }
            }
            for await agreed in group {
                #expect(agreed)
            }
        }
    }

    @Test(.wycheproof) func `HMAC-SHA-256 agrees with the Wycheproof test vectors`() throws {
        let file = try Vectors.loadWycheproof(Wycheproof.self, "hmac_sha256_test.json")
        var decided = 0
        for group in file.testGroups {
            for test in group.tests {
                let key = HMACKey(.sha256, key: test.key.secret)
                let isValid = test.msg.bytes.withUnsafeBytes { message in
                    test.tag.bytes.withUnsafeBytes { key.isValid($0, for: message) }
                }
                // A shortened tag is never valid here, whatever Wycheproof says of its bits.
                let expected = group.tagSize == 256 && test.result == "valid"
                #expect(isValid == expected, "case \(test.tcId)")
                if group.tagSize == 128 {
                    let code = test.msg.bytes.withUnsafeBytes { key.authenticationCode(for: $0) }
                    let begins = code.starts(with: test.tag.bytes)
                    #expect(begins == (test.result == "valid"), "case \(test.tcId)")
                }
                decided += 1
            }
        }
        #expect(decided == 174)
    }
}
