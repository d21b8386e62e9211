import Bytes
import Cryptography
import TestSupport
import Testing

@Suite struct RandomAndDigestTests {
    @Test func `Random bytes have the requested count and do not repeat`() {
        for count in [0, 1, 16, 1000] {
            #expect(SecureRandom.bytes(count).count == count)
            #expect(SecureRandom.secret(count).count == count)
        }
        #expect(Set((0..<100).map { _ in SecureRandom.bytes(16) }).count == 100)
        #expect(SecureRandom.secret(16) != SecureRandom.secret(16))
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `The SHA-256 examples of FIPS 180-4 hold`(text: String, digest: String) {
        #expect(Hex.encode(SHA256.digest(Array(text.utf8))) == digest)
    }
}
