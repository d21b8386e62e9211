import AuthMessages
import Bytes
import ProtobufCodec
import Testing

@testable import AuthService

/// The token of a request is found where it stands; what is not as every client writes it is left to
/// the decoder.
struct VerifyTokenFieldTests {
    private func field(_ payload: [UInt8]) -> [UInt8]? {
        payload.withUnsafeBytes { VerifyTokenHandler.onlyField(of: $0).map { Array($0) } }
    }

    @Test(arguments: [1, 2, 127, 128, 129, 500, 8192, 16_383])
    func `A token of any length is extracted from an encoded request`(count: Int) throws {
        let token = [UInt8](repeating: UInt8(ascii: "t"), count: count)
        var request = VerifyTokenRequest()
        request.accessToken = SecretBytes(token)
        let payload = try request.encoded().withUnsafeBytes { Array($0) }
        #expect(field(payload) == token)
        // One byte less or more is another message.
        #expect(field(payload.dropLast()) == nil)
        #expect(field(payload + [0]) == nil)
    }

    @Test(
        arguments: [
            [], [0x0a], [0x0a, 0x00], [0x0a, 0x80], [0x0a, 0x80, 0x00],
            [0x0a, 0x81, 0x80, 0x00, 0x61],
            [0x12, 0x01, 0x61], [0x08, 0x01, 0x61], [0x0a, 0x01, 0x61, 0x0a, 0x01, 0x62],
            [0xf8, 0x07, 0x01],
        ] as [[UInt8]])
    func `A payload that is not exactly one token field is left to the decoder`(payload: [UInt8]) {
        #expect(field(payload) == nil || field(payload)?.isEmpty == true)
    }
}
