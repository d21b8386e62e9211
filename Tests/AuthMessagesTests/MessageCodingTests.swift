import AuthMessages
import Bytes
import ProtobufCodec
import Testing

@Suite struct MessageCodingTests {
    /// `protoc --encode=authd.v1.LoginRequest` of email "ada@example.com", password "pässword",
    /// totp_code "123456".
    private static let login =
        "0a0f616461406578616d706c652e636f6d120970c3a47373776f72641a06313233343536"
    /// `protoc --encode=google.rpc.ErrorInfo` of reason "R", domain "authd", metadata {k: v, l: w}.
    private static let errorInfo = "0a0152120561757468641a060a016b1201761a060a016c120177"

    private func bytes(_ hex: String) throws -> SecretBytes {
        SecretBytes(try #require(Hex.decode(hex)))
    }

    @Test func `Messages encoded by protoc are decoded and encoded to the same bytes`() throws {
        let request = try LoginRequest(decoding: bytes(Self.login))
        #expect(request.email == "ada@example.com")
        #expect(request.password == SecretBytes(utf8: "pässword"))
        #expect(request.totpCode == SecretBytes(utf8: "123456"))
        #expect(request.recoveryCode.isEmpty)
        #expect(try request.encoded() == bytes(Self.login))

        let info = try ErrorInfo(decoding: bytes(Self.errorInfo))
        #expect(info.metadata.map(\.key) == ["k", "l"])
        #expect(info.metadata.map(\.value) == ["v", "w"])
        #expect(try info.encoded() == bytes(Self.errorInfo))
    }

    @Test func `Nested and repeated fields survive a round trip`() throws {
        var session = Session()
        session.sessionID = "s"
        session.createdAt = TimestampMessage(microseconds: -1)
        session.authenticationMethods = ["pwd", "", "otp"]
        session.current = true
        var response = ListSessionsResponse()
        response.sessions = [session, Session(), session]
        let read = try ListSessionsResponse(decoding: response.encoded())
        #expect(read.sessions.count == 3)
        #expect(read.sessions[2].authenticationMethods == ["pwd", "", "otp"])
        #expect(read.sessions[0].createdAt?.seconds == -1)
        #expect(read.sessions[0].createdAt?.nanoseconds == 999_999_000)
        #expect(read.sessions[1].createdAt == nil)
        #expect(read.sessions[0].current && !read.sessions[1].current)
    }

    @Test func `A NUL byte inside a password does not end it when decoding`() throws {
        let request = try LoginRequest(decoding: bytes("1205610062" + "6364"))
        #expect(request.password == SecretBytes([0x61, 0, 0x62, 0x63, 0x64]))
    }

    @Test func `Encoding a field with a NUL byte is refused`() {
        var request = LoginRequest()
        request.password = SecretBytes([0x61, 0, 0x62])
        #expect(throws: ProtobufError.embeddedNUL) { try request.encoded() }
        request.password = SecretBytes()
        request.email = "a\0b"
        #expect(throws: ProtobufError.embeddedNUL) { try request.encoded() }
    }

    @Test(arguments: ["0a02c0af", "1203eda080", "1201ff", "1a04f4908080", "0a01c3"])
    func `Text that is not UTF-8 is refused`(hex: String) throws {
        let payload = try bytes(hex)
        #expect(throws: ProtobufError.invalidUTF8) { try LoginRequest(decoding: payload) }
    }

    @Test func `Truncated and damaged messages are decoded or refused without crashing`() throws {
        let whole = try #require(Hex.decode(Self.login))
        for index in whole.indices {
            _ = try? LoginRequest(decoding: SecretBytes(whole[..<index]))
            for value in UInt8.min...UInt8.max {
                var damaged = whole
                damaged[index] = value
                _ = try? LoginRequest(decoding: SecretBytes(damaged))
            }
        }
        #expect(throws: ProtobufError.malformed) {
            try LoginRequest(decoding: SecretBytes(whole.dropLast()))
        }
    }

    @Test func `Messages with too many unknown fields are refused`() throws {
        // 64 KiB of the smallest unknown fields, the most a request may hold, and far more.
        let field: [UInt8] = [0x78, 0x00]
        let full = SecretBytes((0..<32_768).flatMap { _ in field })
        _ = try? LoginRequest(decoding: full)
        let excess = SecretBytes((0..<1_000_000).flatMap { _ in field })
        #expect(throws: ProtobufError.tooLarge) { try LoginRequest(decoding: excess) }
    }
}
