import Bytes
import Cryptography
import Testing

@testable import AuthCore

/// The attacks of RFC 8725 on a token.
@Suite struct JSONWebSignatureTests {
    private let key: TokenKey
    private let token: String

    init() throws {
        let secret = SecretBytes(utf8: "0123456789abcdef0123456789abcdef")
        key = TokenKey(try SignatureKey(secret: secret, algorithm: .hs256), type: "at+jwt")
        token = try JSONWebSignature.sign(Array(#"{"sub":"x"}"#.utf8), with: key).text
    }

    private func verify(_ token: String, _ keys: [TokenKey]? = nil) throws -> String {
        let verified = try Array(token.utf8).withUnsafeBytes {
            try JSONWebSignature.verify($0, with: keys ?? [key])
        }
        return String(decoding: verified.payload, as: UTF8.self)
    }

    /// A token with that header, signed correctly under the key.
    private func signed(header: String, payload: String = #"{"sub":"x"}"#) throws -> String {
        let text =
            Base64.url.encode(Array(header.utf8)) + "." + Base64.url.encode(Array(payload.utf8))
        let signature = try Array(text.utf8).withUnsafeBytes { try key.key.sign($0) }
        return text + "." + Base64.url.encode(signature)
    }

    @Test func `A signed token verifies`() throws {
        #expect(try verify(token) == #"{"sub":"x"}"#)
        #expect(token.hasPrefix(Base64.url.encode(Array(#"{"alg":"HS256","typ":"at+jwt"}"#.utf8))))
    }

    @Test func `A header with reordered members or an application/ prefix in its type is accepted`()
        throws
    {
        #expect(try !verify(signed(header: #"{"typ":"at+jwt","alg":"HS256"}"#)).isEmpty)
        #expect(try !verify(signed(header: #"{"typ":"application/AT+JWT","alg":"HS256"}"#)).isEmpty)
    }

    @Test(arguments: [
        #"{"alg":"none","typ":"at+jwt"}"#, #"{"alg":"NONE","typ":"at+jwt"}"#,
        #"{"alg":"None","typ":"at+jwt"}"#, #"{"alg":"HS512","typ":"at+jwt"}"#,
        #"{"alg":"RS256","typ":"at+jwt"}"#, #"{"alg":"hs256","typ":"at+jwt"}"#,
        #"{"alg":"HS256","typ":"rt+jwt"}"#, #"{"alg":"HS256","typ":"JWT"}"#,
        #"{"alg":"HS256"}"#, #"{"typ":"at+jwt"}"#, #"{}"#, #"[]"#, "",
        #"{"alg":"HS256","typ":"at+jwt","crit":["exp"]}"#,
        #"{"alg":"HS256","typ":"at+jwt","b64":false,"crit":["b64"]}"#,
        #"{"alg":"HS256","typ":"at+jwt","kid":"another"}"#,
        #"{"alg":"HS256","typ":"at+jwt","kid":7}"#,
        #"{"alg":"HS256","alg":"HS256","typ":"at+jwt"}"#,
        #"{"alg":["HS256"],"typ":"at+jwt"}"#,
        #"{"alg":"HS256","typ":"at+jwt","jku":"https://evil.example/"}"#,
        #"{"alg":"HS256","typ":"at+jwt","jwk":{"kty":"oct","k":"AAAA"}}"#,
    ])
    func `A correctly signed token with any other header is refused`(
        header: String
    ) throws {
        let token = try signed(header: header)
        #expect(throws: JSONWebSignature.Refusal.self) { try verify(token) }
    }

    @Test func `A token without a signature or with the wrong number of parts is refused`() throws {
        let parts = token.split(separator: ".")
        let none = Base64.url.encode(Array(#"{"alg":"none","typ":"at+jwt"}"#.utf8))
        for forged in [
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "\(none).\(parts[1]).",
            "\(none).\(parts[1])", "..", ".", "", "...", "\(parts[0])..\(parts[2])",
            token + ".", token + ".\(parts[2])", "." + token, token + "=", token + "\n",
            " " + token,
        ] {
            #expect(throws: JSONWebSignature.Refusal.self, "\(forged)") { try verify(forged) }
        }
    }

    @Test func `A token with any character changed is refused`() throws {
        for index in token.utf8.indices {
            for replacement in ["A", "-", "=", "."] where String(token[index]) != replacement {
                var forged = token
                forged.replaceSubrange(index...index, with: replacement)
                #expect(throws: JSONWebSignature.Refusal.self) { try verify(forged) }
            }
        }
    }

    @Test func `A token signed with the verifier's public key as an HMAC secret is refused`() throws
    {
        // RFC 8725 §2.1: HS256 computed with the public key of an asymmetric verifier.
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
            -----END PUBLIC KEY-----

            """
        let publicKey = try SignatureKey(pem: SecretBytes(utf8: pem))
        let pinned = TokenKey(publicKey, type: "at+jwt")
        let forger = TokenKey(
            try SignatureKey(secret: SecretBytes(utf8: pem), algorithm: .hs256), type: "at+jwt")
        let forged = try JSONWebSignature.sign(Array("{}".utf8), with: forger).text
        #expect(throws: JSONWebSignature.Refusal.unknownKey) { try verify(forged, [pinned]) }
    }

    @Test func `A token within the length limit is accepted and a longer one is refused`() throws {
        let header = #"{"alg":"HS256","typ":"at+jwt"}"#
        let overhead = try signed(header: header, payload: "").utf8.count
        let room = JSONWebSignature.tokenBytesMax - overhead
        let fits = try signed(header: header, payload: String(repeating: "x", count: room * 3 / 4))
        #expect(throws: Never.self) { try verify(fits) }
        let long = try signed(header: header, payload: String(repeating: "x", count: room))
        #expect(throws: JSONWebSignature.Refusal.malformed) { try verify(long) }
    }
}

extension SecretBytes {
    /// The text that the bytes are, for tests.
    var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
