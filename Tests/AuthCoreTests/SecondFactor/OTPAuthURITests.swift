import AuthCore
import Bytes
import Foundation
import Testing

@Suite struct OTPAuthURITests {
    private func uri(
        issuer: String = "authd", email: String = "ada@example.com", secretBytes: Int = 20
    ) throws -> String {
        let secret = try #require(
            TOTPSecret(SecretBytes([UInt8](repeating: 0xA5, count: secretBytes))))
        let issuer = try #require(OTPIssuer(issuer))
        let uri = OTPAuthURI(issuer: issuer, email: email, secret: secret)
        return uri.text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `The URI has the documented form`() throws {
        #expect(
            try uri() == "otpauth://totp/authd:ada%40example.com"
                + "?secret=UWS2LJNFUWS2LJNFUWS2LJNFUWS2LJNF&issuer=authd"
                + "&algorithm=SHA1&digits=6&period=30")
    }

    @Test(arguments: [
        ("Straße & Söhne", "a+b&secret=AAAA#x?y/z%41@example.com"),
        ("A/B?C#D&issuer=E", "ünïcode@example.com"), ("日本", "=@=.example"),
    ])
    func `Special characters in the issuer and the address are percent-encoded`(
        issuer: String, email: String
    ) throws {
        let text = try uri(issuer: issuer, email: email)
        #expect(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        let parts = try #require(URLComponents(string: text))
        #expect(parts.scheme == "otpauth")
        #expect(parts.host == "totp")
        #expect(parts.path == "/\(issuer):\(email)")
        #expect(parts.fragment == nil)
        let items = try #require(parts.queryItems)
        #expect(items.map(\.name) == ["secret", "issuer", "algorithm", "digits", "period"])
        #expect(items[1].value == issuer)
    }

    @Test func `The longest issuer and address fit the size limit because the address is cut`()
        throws
    {
        let issuer = String(repeating: "é", count: 20)
        let email = String(repeating: "ü", count: 121) + "@example.com"
        let text = try uri(issuer: issuer, email: email, secretBytes: 64)
        #expect(text.utf8.count <= OTPAuthURI.bytesMax)
        #expect(text.utf8.count > OTPAuthURI.bytesMax - 10)
        let parts = try #require(URLComponents(string: text))
        #expect(parts.path.hasPrefix("/\(issuer):üü"))
        #expect(parts.path.hasSuffix("ü…"))
        #expect(parts.queryItems?.first?.value?.count == 103)
    }

    @Test func `The longest ASCII address is not cut`() throws {
        let email = String(repeating: "a", count: 64) + "@" + String(repeating: "b", count: 189)
        #expect(try uri(email: email).contains(String(repeating: "b", count: 189) + "?secret="))
    }

    @Test(arguments: ["a", "My Company", "Straße & Söhne", String(repeating: "x", count: 40)])
    func `A plain name is a valid issuer`(name: String) {
        #expect(OTPIssuer(name)?.name == name)
    }

    @Test(arguments: [
        "", " ", "a:b", ":", "a ", " a", "a\n", "a\nb", "a\u{0}b", "a\u{202E}b", "a\u{2028}b",
        String(repeating: "x", count: 41), String(repeating: "é", count: 21),
    ])
    func `An empty, overlong or misleading name is not a valid issuer`(name: String) {
        #expect(OTPIssuer(name) == nil)
    }
}
