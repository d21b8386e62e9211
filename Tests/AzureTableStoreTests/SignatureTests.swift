import Bytes
import Cryptography
import Storage
import Testing

@testable import AzureTableStore

/// Credentials, against the vectors that Microsoft's SDK gives for the published account and key.
struct SignatureTests {
    private static let account = AzureConnectionString.developmentAccount
    private static let key = SecretBytes(utf8: AzureConnectionString.developmentKey)

    @Test
    func `A request is signed as Microsoft's SDK signs it`() throws {
        let key = try SharedKey(account: SignatureTests.account, base64: SignatureTests.key)
        let date = "Mon, 23 Nov 2026 21:06:03 GMT"
        let signed = key.authorization(
            method: "GET", contentType: "", date: date, path: "/devstoreaccount1/Users()")
        let expected = "SharedKey devstoreaccount1:XtgY9kO8WR34iUygU6fpCRldRWPZjx0Zfcs4KYe/Xh4="
        #expect(signed == SecretBytes(utf8: expected))
        // The path of an emulator's URL begins with the account, which then stands twice.
        let text = key.stringToSign(
            method: "GET", contentType: "", date: date, path: "/devstoreaccount1/Users()")
        #expect(text == "GET\n\n\n\(date)\n/devstoreaccount1/devstoreaccount1/Users()")
        for (method, type, path) in [
            ("PUT", "", "/devstoreaccount1/Users()"), ("GET", "x", "/devstoreaccount1/Users()"),
            ("GET", "", "/devstoreaccount1/users()"),
        ] {
            let other = key.authorization(
                method: method, contentType: type, date: date, path: path)
            #expect(other != signed)
        }
    }

    @Test
    func `A SAS is sent verbatim, without surrounding quotes, spaces or a question mark`() throws {
        let token =
            "sv=2019-02-02&ss=t&srt=soc&sp=rwdlacu&se=2030-01-01T00%3A00%3A00Z&spr=https,http"
            + "&sig=m4GSH/ud78zoIY1w7RnoUgxJMWn0EP8Pwl9bwNwUjLw%3D"
        for text in [token, "?" + token, "\"\(token)\"\n", "  '?\(token)' "] {
            let signature = try SharedAccessSignature(parsing: text)
            #expect(signature.query == SecretBytes(utf8: token) && !signature.wasMended)
            #expect(signature.parameters["se"] == "2030-01-01T00:00:00Z")
        }
    }

    @Test
    func `A SAS that was pasted decoded is repaired and marked as such`() throws {
        for raw in ["a+b/c=", "a b/c="] {
            let signature = try SharedAccessSignature(parsing: "sv=2019-02-02&sig=\(raw)")
            #expect(signature.query == SecretBytes(utf8: "sv=2019-02-02&sig=a%2Bb/c="))
            #expect(signature.wasMended)
        }
    }

    @Test(arguments: [
        "", "?", "sig=abc", "sv=2019-02-02", "sv=1&sv=2&sig=a", "sv=2019-02-02&sig=",
        "sv=2019-02-02&sp&sig=a", "sv=%2&sig=a", "sv=1&se=a b&sig=x", "sv=1&x=\u{E4}&sig=x",
        "sv=1\r\nHost: evil&sig=x",
    ])
    func `An invalid SAS is refused`(_ text: String) {
        #expect(throws: AzureConfigurationError.self) {
            try SharedAccessSignature(parsing: text)
        }
    }

    @Test
    func `No description of a credential contains a secret`() throws {
        let signature = try SharedAccessSignature(
            parsing: "sv=2019-02-02&sp=raud&tn=Users&sig=TOPSECRET&other=x")
        let credential = AzureCredential.signature(signature)
        #expect(credential.summary == "a SAS (sv=2019-02-02 sp=raud tn=Users)")
        #expect(!"\(credential)\(signature)".contains("TOPSECRET"))
        let key = try SharedKey(account: "a", base64: SignatureTests.key)
        #expect(AzureCredential.sharedKey(key).summary == "the key of the account a")
        let identity = AzureIdentity.appService(
            endpoint: "http://x", header: SecretBytes(utf8: "TOPSECRET"), clientID: nil)
        #expect(!"\(identity)\(identity.summary)".contains("TOPSECRET"))
    }

    @Test
    func `A connection string determines the endpoint and the account key`() throws {
        let key = AzureConnectionString.developmentKey
        let cases: [(String, String)] = [
            ("AccountName=abc;AccountKey=\(key)", "https://abc.table.core.windows.net"),
            (
                "DefaultEndpointsProtocol=https;AccountName=abc;accountkey=\(key);"
                    + "EndpointSuffix=core.chinacloudapi.cn;",
                "https://abc.table.core.chinacloudapi.cn"
            ),
            (
                "AccountName=abc;AccountKey=\(key);TableEndpoint=http://127.0.0.1:9/abc",
                "http://127.0.0.1:9/abc"
            ),
            ("UseDevelopmentStorage=true", "http://127.0.0.1:10002/devstoreaccount1"),
        ]
        for (text, base) in cases {
            #expect(AzureConnectionString.isLikely(text))
            let account = try AzureAccount(
                endpoint: nil, secret: SecretBytes(utf8: text),
                identity: .virtualMachine(clientID: nil))
            #expect(account.endpoint.base == base)
            guard case .sharedKey = account.credential else {
                Issue.record("\(account.credential.summary)")
                continue
            }
        }
        #expect(!AzureConnectionString.isLikely("sv=2019-02-02&sig=x"))
    }

    @Test(
        arguments: [
            (nil, nil), (nil, "sv=1&sig=a"), ("http://127.0.0.1:1/a", nil),
            ("https://a.table.core.windows.net", "AccountName=a"),
            ("https://a.table.core.windows.net", "AccountName=a;AccountKey=%%%"),
            ("https://a.table.core.windows.net", "AccountKey"),
            (nil, "SharedAccessSignature=sv=1&sig=x"), (nil, "UseDevelopmentStorage=false"),
            (nil, "AccountName=a;AccountName=b;AccountKey=eA=="),
            (nil, "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=eA=="),
        ] as [(String?, String?)])
    func `Contradictory or incomplete credentials are refused without revealing the key`(
        _ endpoint: String?, _ secret: String?
    ) {
        #expect {
            _ = try AzureAccount(
                endpoint: endpoint, secret: secret.map { SecretBytes(utf8: $0) },
                identity: .virtualMachine(clientID: nil))
        } throws: { error in
            !"\(error)".contains("eA==") && !"\(error)".contains("%%%")
        }
    }
}
