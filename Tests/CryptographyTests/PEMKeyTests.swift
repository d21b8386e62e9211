import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct PEMKeyTests {
    /// The name of what came of reading a key: the algorithm, or the error's case.
    private func outcome(_ pem: SecretBytes, _ algorithm: SignatureAlgorithm? = nil) -> String {
        do throws(CryptographyError) {
            return try SignatureKey(pem: pem, algorithm: algorithm).algorithm.rawValue
        } catch {
            switch error {
            case .keyUnreadable: return "keyUnreadable"
            case .keyEncrypted: return "keyEncrypted"
            case .keyUnsupported: return "keyUnsupported"
            case .keySizeUnsupported: return "keySizeUnsupported"
            case .keyInvalid: return "keyInvalid"
            case .algorithmMismatch: return "algorithmMismatch"
            default: return "\(error)"
            }
        }
    }

    @Test func `Reading each test key gives the expected algorithm or error`() throws {
        for key in try Vectors.load(PEMKeys.self, "pem_keys.json").keys {
            #expect(outcome(SecretBytes(utf8: key.pem)) == key.outcome, "\(key.name)")
        }
    }

    @Test func `A key accepts only the algorithms of its type`() throws {
        let taken: [String: [SignatureAlgorithm]] = [
            "rsa2048": [.rs256, .ps256], "p256": [.es256], "p384": [.es384], "ed25519": [.edDSA],
        ]
        for (name, algorithms) in taken {
            let pem = SecretBytes(utf8: try PEMKeys.pem(name))
            for algorithm in SignatureAlgorithm.allCases {
                let expected =
                    algorithms.contains(algorithm) ? algorithm.rawValue : "algorithmMismatch"
                #expect(outcome(pem, algorithm) == expected)
            }
        }
    }

    @Test func `A file above the size limit is refused`() throws {
        let pem = try PEMKeys.pem("p256")
        let limit = 64 << 10
        let longest = pem + String(repeating: "\n", count: limit - pem.utf8.count)
        #expect(outcome(SecretBytes(utf8: longest)) == "ES256")
        #expect(outcome(SecretBytes(utf8: longest + "\n")) == "keyUnreadable")
    }

    @Test
    func `A damaged file is refused or gives the same kind of key, and a truncated one is refused`()
        throws
    {
        let refusals = ["keyUnreadable", "keyUnsupported", "keyEncrypted", "keyInvalid"]
        for (name, kind) in [("p256", "ES256"), ("ed25519.pub", "EdDSA"), ("p384.pub", "ES384")] {
            let pem = Array(try PEMKeys.pem(name).utf8)
            for index in pem.indices {
                for value in [UInt8(ascii: "A"), 0, 0xFF] {
                    var damaged = pem
                    damaged[index] = value
                    let outcome = outcome(SecretBytes(damaged))
                    #expect(outcome == kind || refusals.contains(outcome))
                }
                // Only the last newline may be missing.
                let isWhole = index == pem.count - 1
                let cut = outcome(SecretBytes(pem.prefix(index)))
                #expect(isWhole ? cut == kind : refusals.contains(cut))
            }
        }
    }
}
