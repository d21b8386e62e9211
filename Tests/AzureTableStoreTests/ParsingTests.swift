import HTTPClient
import Storage
import Testing

@testable import AzureTableStore

/// What comes back: entities, batches, errors, dates.
struct ParsingTests {
    private static let number = String(repeating: "n", count: 22)

    private func entity(_ json: String, etag: String? = nil) throws -> Entity {
        try EntityCoding.decode(JSONReader.value(of: Array(json.utf8)), etag: etag)
    }

    @Test
    func `An entity is decoded in any member order, without the service's own properties`() throws {
        let json = """
            {"odata.metadata":"x","odata.etag":"W/\\"v\\"","v@odata.type":"Edm.Int64","v":"-5",
             "RowKey":"r","small":7,"half":0.5,"PartitionKey":"p","Timestamp":"2026-01-01T00:00:00Z",
             "none":null,"when@odata.type":"Edm.DateTime","when":"2026-01-01T00:00:00.1234567Z",
             "id@odata.type":"Edm.Guid","id":"c9da6455-213d-42c9-9a79-3e9149a57833",
             "nan@odata.type":"Edm.Double","nan":"Infinity","b@odata.type":"Edm.Binary","b":"AQID",
             "opId":"\(ParsingTests.number)"}
            """
        let read = try entity(json)
        #expect(read.key == EntityKey(partition: "p", row: "r"))
        #expect(
            read.properties == [
                "v": .int64(-5), "small": .int64(7), "half": .double(0.5),
                "nan": .double(.infinity),
                "when": .timestamp(Timestamp(microseconds: 1_767_225_600_123_456)),
                "id": .string("c9da6455-213d-42c9-9a79-3e9149a57833"), "b": .binary([1, 2, 3]),
            ])
        let tag = VersionTag(try #require(read.etag))
        #expect(tag.service == "W/\"v\"" && tag.history.current == ParsingTests.number)
    }

    @Test(arguments: [
        #"{"RowKey":"r","odata.etag":"v"}"#, #"{"PartitionKey":"p","RowKey":1,"odata.etag":"v"}"#,
        #"{"PartitionKey":"p","RowKey":"r"}"#, "[]", "null",
        #"{"PartitionKey":"p","RowKey":"r","odata.etag":"v","x":[1]}"#,
        #"{"PartitionKey":"p","RowKey":"r","odata.etag":"v","x@odata.type":"Edm.Int64","x":"1.5"}"#,
        #"{"PartitionKey":"p","RowKey":"r","odata.etag":"v","x@odata.type":"Edm.Binary","x":"*"}"#,
    ])
    func `Invalid entity JSON is reported as corrupt`(_ json: String) {
        #expect {
            try entity(json)
        } throws: { error in
            if case .corrupt = error as? StoreError { true } else { false }
        }
    }

    @Test(arguments: [
        "", "{", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "[1,]", "01", "1.", "-", "\"\\ud800\"", "tru",
        "\"\\ud800\\u0041\"", "\"\u{1}\"", "{} {}", "\"\\x\"", "{a:1}", "\"", "1e", "\"\\u12\"",
        String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
    ])
    func `Invalid JSON is refused`(_ text: String) {
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.value(of: Array(text.utf8)) }
    }

    @Test
    func `JSON values of every type are parsed`() throws {
        let text =
            "\u{FEFF} { \"a\" : [ 1, -2.5e3, true, false, null, \"\\u00e4\\ud83d\\ude00\\n\" ] } "
        let value = try JSONReader.value(of: Array(text.utf8))
        #expect(
            value["a"]?.elements == [
                .number("1"), .number("-2.5e3"), .boolean(true), .boolean(false), .null,
                .string("\u{E4}\u{1F600}\n"),
            ])
    }

    private static let batch = """
        --batchresponse_1
        Content-Type: multipart/mixed; boundary=changesetresponse_2

        --changesetresponse_2
        Content-Type: application/http
        Content-Transfer-Encoding: binary

        HTTP/1.1 204 No Content
        ETag: W/"1"
        DataServiceVersion: 1.0;


        --changesetresponse_2
        Content-Type: application/http
        Content-ID: 1

        HTTP/1.1 404 Not Found
        Content-Type: application/json

        {"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"1:Gone.\\nRequestId:x"}}}
        --changesetresponse_2--
        --batchresponse_1--

        """

    @Test(arguments: ["\n", "\r\n"], ["batchresponse_1", "\"batchresponse_1\""])
    func `A batch response is parsed with either line ending and a quoted or unquoted boundary`(
        _ lineEnd: String, _ boundary: String
    ) throws {
        let text = ParsingTests.batch.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: lineEnd)
        let reply = try #require(
            BatchReply(
                contentType: "Multipart/Mixed; Boundary=\(boundary)",
                body: Array(("preamble" + lineEnd + text + "epilogue").utf8)))
        #expect(reply.parts.map(\.status) == [204, 404])
        #expect(reply.parts[0].etag == "W/\"1\"" && reply.parts[0].body.isEmpty)
        let error = ServiceError(reply.parts[1])
        #expect(error.code == "ResourceNotFound" && error.operationIndex == 1)
        #expect(error.message == "Gone.")
    }

    @Test
    func `A truncated batch response is refused`() {
        let whole = Array(ParsingTests.batch.utf8)
        let type = "multipart/mixed; boundary=batchresponse_1"
        #expect(BatchReply(contentType: type, body: whole) != nil)
        // The last line end, and the two hyphens with which it ends, make it whole.
        for count in 0..<whole.count - 3 {
            #expect(BatchReply(contentType: type, body: Array(whole[..<count])) == nil, "\(count)")
        }
        #expect(BatchReply(contentType: "application/json", body: whole) == nil)
        #expect(BatchReply(contentType: "multipart/mixed", body: whole) == nil)
    }

    @Test
    func `Errors are parsed from JSON, XML, the error code header and an empty body`() {
        let cases: [(String, String, String, Int?)] = [
            (
                #"{"odata.error":{"code":"InvalidInput","message":{"value":"99:Too many\nTime:x"}}}"#,
                "InvalidInput", "Too many", 99
            ),
            (
                "<?xml version=\"1.0\"?><m:error xmlns:m=\"x\"><m:code>AuthenticationFailed</m:code>"
                    + "<m:message xml:lang=\"en-US\">No &lt;key&gt;\nRequestId:y</m:message></m:error>",
                "AuthenticationFailed", "No <key>", nil
            ),
            ("<error><code>Plain</code><message>m</message></error>", "Plain", "m", nil),
            ("<html><body>Bad gateway</body></html>", "FromHeader", "", nil),
            ("", "FromHeader", "", nil),
            (#"{"error":{"code":"Other","message":"m"}}"#, "Other", "m", nil),
        ]
        for (body, code, message, index) in cases {
            let error = ServiceError(status: 400, codeHeader: "FromHeader", body: Array(body.utf8))
            #expect(error.code == code && error.message == message, "\(body)")
            #expect(error.operationIndex == index)
        }
    }

    @Test
    func `The verdict depends on the status and the error code`() {
        let cases: [(Int, String, Verdict)] = [
            (204, "", .done), (409, "EntityAlreadyExists", .alreadyExists),
            (409, "TableBeingDeleted", .refused), (404, "ResourceNotFound", .notFound),
            (404, "EntityNotFound", .notFound), (404, "TableNotFound", .tableNotFound),
            (404, "", .refused), (412, "UpdateConditionNotSatisfied", .versionMismatch),
            (412, "", .versionMismatch), (429, "", .throttled), (503, "ServerBusy", .throttled),
            (500, "OperationTimedOut", .unknown), (502, "", .unknown), (504, "", .unknown),
            (408, "", .unknown), (401, "InvalidAuthenticationInfo", .unauthorized),
            (403, "AuthenticationFailed", .refused), (400, "InvalidInput", .refused),
            (302, "", .refused), (413, "RequestBodyTooLarge", .refused),
        ]
        for (status, code, verdict) in cases {
            #expect(Verdict(status: status, code: code) == verdict, "\(status) \(code)")
        }
    }

    @Test
    func `Every refusal says what to do, and shows no signature`() throws {
        let signature = try SharedAccessSignature(
            parsing: "sv=2019-02-02&sp=r&se=2026-11-23T21:00:00Z&sig=TOPSECRET")
        let date = try #require(CivilTime(http: "Mon, 23 Nov 2026 21:06:03 GMT")?.timestamp)
        let text = FailureText(
            endpoint: try AzureEndpoint(parsing: "https://a.table.core.windows.net"),
            table: "Users", credential: .signature(signature),
            localTime: date.advanced(by: .seconds(1_200)), serverTime: date, requestID: "req")
        let cases: [(Int, String, [String])] = [
            (403, "AuthenticationFailed", ["1200 s apart", "clock", "SAS expired at", "sp=r"]),
            (403, "AuthorizationPermissionMismatch", ["sp with r, a, u and d"]),
            (403, "AuthorizationResourceTypeMismatch", ["srt=o"]),
            (403, "AuthorizationServiceMismatch", ["ss=t"]),
            (403, "AuthorizationFailure", ["spk", "network rules", "policy"]),
            (403, "AuthorizationProtocolMismatch", ["spr"]),
            (403, "AuthorizationSourceIPMismatch", ["sip"]),
            (403, "KeyBasedAuthenticationNotPermitted", ["Storage Table Data Contributor"]),
            (403, "InsufficientAccountPermissions", ["secondary"]),
            (401, "InvalidAuthenticationInfo", ["AZURE_TENANT_ID"]),
            (404, "TableNotFound", ["AUTHD_AZURE_CREATE_TABLE"]), (404, "", ["ENDPOINT"]),
            (409, "TableBeingDeleted", ["USERS_TABLE_NAME"]), (503, "ServerBusy", ["busy"]),
        ]
        for (status, code, words) in cases {
            let line = text.text(ServiceError(status: status, codeHeader: code, body: []))
            for word in words { #expect(line.contains(word), "\(code): \(line)") }
            #expect(!line.contains("TOPSECRET") && line.contains("[request req]"))
            #expect(!line.contains("\n"))
        }
    }

    @Test
    func `Dates are parsed and formatted over the whole supported range`() throws {
        let cases: [(String, Int64)] = [
            ("1970-01-01T00:00:00Z", 0), ("1601-01-01T00:00:00Z", -11_644_473_600_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
            ("2000-02-29T12:00:00.5Z", 951_825_600_500_000),
            ("1969-12-31T23:59:59.999999Z", -1), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
        ]
        for (text, microseconds) in cases {
            let moment = Timestamp(microseconds: microseconds)
            #expect(CivilTime(moment).isoText == text)
            #expect(CivilTime(iso: text)?.timestamp == moment)
            let http = CivilTime(moment).httpText
            #expect(CivilTime(http: http)?.timestamp?.seconds == moment.seconds)
        }
        for bad in [
            "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "", "Z",
            "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.12345678Z",
            "2026-01-01T00:00:00.Z", "+026-01-01T00:00:00Z",
        ] {
            #expect(CivilTime(iso: bad)?.timestamp == nil, "\(bad)")
        }
    }
}
