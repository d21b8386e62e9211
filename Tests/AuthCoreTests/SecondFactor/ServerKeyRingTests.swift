import Bytes
import Testing

@testable import AuthCore

@Suite struct ServerKeyRingTests {
    private func text(_ seed: UInt8, count: Int = 32) -> SecretBytes {
        SecretBytes([UInt8](repeating: seed, count: count))
    }

    @Test func `The same text yields the same key and id, and another text yields different ones`()
        throws
    {
        let ring = try ServerKeyRing(current: text(1))
        let same = try ServerKeyRing(current: text(1))
        let other = try ServerKeyRing(current: text(2))
        #expect(ring.currentID == same.currentID)
        #expect(ring.current.bytes == same.current.bytes)
        #expect(ring.currentID != other.currentID)
        #expect(ring.current.bytes != other.current.bytes)
    }

    @Test func `A key id has eight hexadecimal digits and is not part of the key`() throws {
        let ring = try ServerKeyRing(current: text(1))
        #expect(ServerKey.isID(ring.currentID))
        let key = ring.current.bytes.withUnsafeBytes { Hex.encode($0) }
        #expect(!key.contains(ring.currentID))
        #expect(ring.current.bytes.count == 32)
        #expect(ring.current.bytes != text(1))
    }

    @Test func `Older keys are found by their ids, unknown ones are not`() throws {
        let ring = try ServerKeyRing(current: text(1), older: [text(2), text(3), text(1)])
        for seed in 1...3 as ClosedRange<UInt8> {
            let id = try ServerKeyRing(current: text(seed)).currentID
            #expect(ring.key(id)?.id == id)
        }
        #expect(ring.key(try ServerKeyRing(current: text(4)).currentID) == nil)
    }

    @Test func `A current or older key text that is too short is refused`() {
        #expect(throws: ServerKeyRing.Failure.textTooShort) {
            try ServerKeyRing(current: text(1, count: 31))
        }
        #expect(throws: ServerKeyRing.Failure.textTooShort) {
            try ServerKeyRing(current: text(1), older: [text(2, count: 31)])
        }
    }

    @Test func `Sixteen older keys are accepted and seventeen are refused`() throws {
        let texts = (1...17).map { text($0) }
        _ = try ServerKeyRing(current: text(99), older: Array(texts.dropLast()))
        #expect(throws: ServerKeyRing.Failure.tooManyKeys) {
            try ServerKeyRing(current: text(99), older: texts)
        }
    }

    @Test(arguments: ["", "abcdef0", "abcdef012", "ABCDEF01", "abcdef0g", "abcdef0\n", "١٢٣٤"])
    func `Text in any other format is not a key id`(text: String) {
        #expect(!ServerKey.isID(text))
    }
}
