import Bytes
import Testing

@Suite struct UTF8ValidationTests {
    /// Sequences at the bounds of what Unicode's table 3-7 allows, and beyond them.
    private static let sequences: [[UInt8]] = [
        [0x00], [0x7f], [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2, 0x80], [0xdf, 0xbf],
        [0xc2], [0xc2, 0x7f], [0xc2, 0xc0], [0xe0, 0x9f, 0xbf], [0xe0, 0xa0, 0x80],
        [0xec, 0xbf, 0xbf], [0xed, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xee, 0x80, 0x80],
        [0xef, 0xbf, 0xbf], [0xe2, 0x82], [0xe2, 0x82, 0xc0], [0xf0, 0x8f, 0xbf, 0xbf],
        [0xf0, 0x90, 0x80, 0x80], [0xf4, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
        [0xf0, 0x9f, 0x98], [0xf0, 0x9f, 0x98, 0x7f], [0xf5, 0x80, 0x80, 0x80], [0xff],
    ]

    @Test(arguments: sequences)
    func `UTF-8 validation agrees with the standard library at every position`(sequence: [UInt8]) {
        for before in 0...17 {
            for after in 0...17 {
                let bytes =
                    [UInt8](repeating: 0x61, count: before) + sequence
                    + [UInt8](repeating: 0x7a, count: after)
                let text = String(validating: bytes, as: UTF8.self)
                bytes.withUnsafeBytes { bytes in
                    #expect(UTF8Validation.isValid(bytes) == (text != nil))
                    #expect(UTF8Validation.text(bytes) == text)
                }
            }
        }
    }

    @Test func `An empty buffer is valid UTF-8`() {
        #expect(UTF8Validation.isValid(UnsafeRawBufferPointer(start: nil, count: 0)))
        #expect(UTF8Validation.text(UnsafeRawBufferPointer(start: nil, count: 0)) == "")
    }
}
