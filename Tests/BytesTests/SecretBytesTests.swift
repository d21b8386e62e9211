import Bytes
import Testing

@Suite struct SecretBytesTests {
    @Test func `A secret does not print its bytes`() {
        let secret = SecretBytes(utf8: "hunter2")
        #expect("\(secret)" == "<7 secret bytes>")
        #expect(String(reflecting: secret) == "<7 secret bytes>")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter2") && !dumped.contains("104"))
    }

    @Test func `Equality compares count and content`() {
        #expect(SecretBytes(utf8: "same") == SecretBytes(utf8: "same"))
        #expect(SecretBytes(utf8: "same") != SecretBytes(utf8: "samf"))
        #expect(SecretBytes(utf8: "same") != SecretBytes(utf8: "sam"))
        #expect(SecretBytes() == SecretBytes(utf8: ""))
    }

    @Test func `A slice holds the bytes asked for`() {
        #expect(SecretBytes([1, 2, 3, 4]).slice(from: 1, count: 2) == SecretBytes([2, 3]))
    }

    @Test func `Wiping zeroes in place`() {
        var array: [UInt8] = [1, 2, 3]
        wipe(&array)
        #expect(array == [0, 0, 0])
    }
}
