import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct AESGCMTests {
    private struct Wycheproof: Decodable {
        struct Group: Decodable {
            let ivSize: Int
            let keySize: Int
            let tests: [Case]
        }
        struct Case: Decodable {
            let tcId: Int
            let key: HexBytes
            let iv: HexBytes
            let aad: HexBytes
            let msg: HexBytes
            let ct: HexBytes
            let tag: HexBytes
            let result: String
        }
        let testGroups: [Group]
    }

    private struct OldRow: Decodable {
        let password: HexBytes
        let salt: HexBytes
        let iterations: Int
        let nonce: HexBytes
        let ciphertext: HexBytes
        let tag: HexBytes
        let plaintext: HexBytes
    }

    private let key = SecretBytes((0..<32).map { UInt8($0) })
    private let nonce = [UInt8](repeating: 9, count: 12)

    @Test(arguments: [0, 1, 15, 16, 17, 1000])
    func `Opening a sealed plaintext returns it`(count: Int) throws {
        let plaintext = SecureRandom.secret(count)
        for additionalData in [[], [1], SecureRandom.bytes(300)] {
            let sealed = try AESGCM.seal(
                plaintext, key: key, nonce: nonce, additionalData: additionalData)
            #expect(sealed.ciphertext.count == count && sealed.tag.count == 16)
            let opened = try AESGCM.open(
                sealed.ciphertext, tag: sealed.tag, key: key, nonce: nonce,
                additionalData: additionalData)
            #expect(opened == plaintext)
        }
    }

    @Test func `A flipped bit in any input to opening fails authentication`() throws {
        let plaintext = SecretBytes(utf8: "a secret of more than one block")
        let additionalData = Array("user id".utf8)
        let sealed = try AESGCM.seal(
            plaintext, key: key, nonce: nonce, additionalData: additionalData)
        let parts = [sealed.ciphertext, sealed.tag, nonce, additionalData, key.bytes]
        for part in parts.indices {
            for bit in 0..<parts[part].count * 8 {
                var damaged = parts
                damaged[part][bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: CryptographyError.authenticationFailed) {
                    try AESGCM.open(
                        damaged[0], tag: damaged[1], key: SecretBytes(damaged[4]),
                        nonce: damaged[2], additionalData: damaged[3])
                }
            }
        }
    }

    @Test func `A shortened or lengthened tag or ciphertext fails authentication`() throws {
        let sealed = try AESGCM.seal(
            SecretBytes(utf8: "plain"), key: key, nonce: nonce, additionalData: [])
        for tag in (0...15).map({ Array(sealed.tag.prefix($0)) }) + [sealed.tag + [0]] {
            #expect(throws: CryptographyError.authenticationFailed) {
                try AESGCM.open(
                    sealed.ciphertext, tag: tag, key: key, nonce: nonce, additionalData: [])
            }
        }
        for ciphertext in [[], Array(sealed.ciphertext.dropLast()), sealed.ciphertext + [0]] {
            #expect(throws: CryptographyError.authenticationFailed) {
                try AESGCM.open(
                    ciphertext, tag: sealed.tag, key: key, nonce: nonce, additionalData: [])
            }
        }
    }

    @Test(arguments: [0, 1, 8, 11, 13, 15, 16, 17, 32])
    func `Sealing accepts only nonces of 12 bytes, and opening also those of 16`(count: Int) {
        let nonce = [UInt8](repeating: 1, count: count)
        #expect(throws: CryptographyError.nonceLengthInvalid) {
            try AESGCM.seal(SecretBytes(), key: key, nonce: nonce, additionalData: [])
        }
        let tag = [UInt8](repeating: 0, count: 16)
        let expected: CryptographyError =
            count == 16 ? .authenticationFailed : .nonceLengthInvalid
        #expect(throws: expected) {
            try AESGCM.open([], tag: tag, key: key, nonce: nonce, additionalData: [])
        }
    }

    @Test(arguments: [0, 16, 24, 31, 33, 64])
    func `A key that is not 32 bytes long is refused`(count: Int) {
        let key = SecretBytes(count: count) { _ in }
        let tag = [UInt8](repeating: 0, count: 16)
        #expect(throws: CryptographyError.keyLengthInvalid(bytesExpected: 32)) {
            try AESGCM.seal(SecretBytes(), key: key, nonce: nonce, additionalData: [])
        }
        #expect(throws: CryptographyError.keyLengthInvalid(bytesExpected: 32)) {
            try AESGCM.open([], tag: tag, key: key, nonce: nonce, additionalData: [])
        }
    }

    @Test func `An input of the maximum length is accepted, and one byte more is refused`() throws {
        let longest = SecretBytes(count: AESGCM.inputBytesMax) { _ in }
        let sealed = try AESGCM.seal(longest, key: key, nonce: nonce, additionalData: [])
        let opened = try AESGCM.open(
            sealed.ciphertext, tag: sealed.tag, key: key, nonce: nonce, additionalData: [])
        #expect(opened == longest)
        let longer = [UInt8](repeating: 0, count: AESGCM.inputBytesMax + 1)
        let refusal = CryptographyError.inputTooLong(bytesMax: AESGCM.inputBytesMax)
        #expect(throws: refusal) {
            try AESGCM.seal(SecretBytes(longer), key: key, nonce: nonce, additionalData: [])
        }
        #expect(throws: refusal) {
            try AESGCM.open(
                longer, tag: sealed.tag, key: key, nonce: nonce, additionalData: [])
        }
        #expect(throws: refusal) {
            try AESGCM.seal(SecretBytes(), key: key, nonce: nonce, additionalData: longer)
        }
    }

    @Test func `A secret sealed by the old application can be opened`() throws {
        let row = try Vectors.load(OldRow.self, "old_sealed_secret.json")
        let key = try PBKDF2.derive(
            hash: .sha1, password: row.password.secret, salt: row.salt.bytes,
            iterations: row.iterations, count: 32)
        let opened = try AESGCM.open(
            row.ciphertext.bytes, tag: row.tag.bytes, key: key, nonce: row.nonce.bytes,
            additionalData: [])
        #expect(opened == row.plaintext.secret)
    }

    @Test(.wycheproof) func `AES-256-GCM agrees with the Wycheproof test vectors`() throws {
        let file = try Vectors.loadWycheproof(Wycheproof.self, "aes_gcm_test.json")
        var opened = 0
        var refused = 0
        for group in file.testGroups {
            for test in group.tests {
                let result = Result { () throws(CryptographyError) in
                    try AESGCM.open(
                        test.ct.bytes, tag: test.tag.bytes, key: test.key.secret,
                        nonce: test.iv.bytes, additionalData: test.aad.bytes)
                }
                let taken = group.keySize == 256 && [96, 128].contains(group.ivSize)
                if taken && test.result == "valid" {
                    #expect(try result.get() == test.msg.secret, "case \(test.tcId)")
                    opened += 1
                } else {
                    #expect(throws: CryptographyError.self, "case \(test.tcId)") {
                        try result.get()
                    }
                    refused += 1
                }
                if taken && test.result == "valid" && group.ivSize == 96 {
                    let sealed = try AESGCM.seal(
                        test.msg.secret, key: test.key.secret, nonce: test.iv.bytes,
                        additionalData: test.aad.bytes)
                    #expect(sealed.ciphertext == test.ct.bytes && sealed.tag == test.tag.bytes)
                }
            }
        }
        #expect(opened + refused == 316 && opened > 50)
    }
}
