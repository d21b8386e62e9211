import Bytes
import HTTPClient
import Storage
import Testing

@testable import AzureTableStore

/// What is sent: addresses, filters, entities, batches.
struct BuildingTests {
    private let requests = TableRequests(table: "Users", base: "https://a.table.core.windows.net")
    private static let number = String(repeating: "n", count: 22)

    private func text(_ secret: SecretBytes) -> String {
        secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test
    func `Keys in a URL have their quotes doubled and are percent-encoded`() {
        let key = EntityKey(partition: "o'brien+x@y.z", row: "a %\u{E4}&=")
        #expect(
            requests.get(key).path
                == "/Users(PartitionKey='o%27%27brien%2Bx%40y.z',RowKey='a%20%25%C3%A4%26%3D')")
    }

    @Test
    func `A filter is percent-encoded as a whole, and its strings are quoted`() {
        let request = requests.get(partition: "o'b", rows: ["a", "b"])
        #expect(request.path == "/Users()")
        let filter = "PartitionKey eq 'o''b' and (RowKey eq 'a' or RowKey eq 'b')"
        #expect(request.query == ["$filter=" + PercentEncoding.encode(filter)])
        #expect(PercentEncoding.encode("a b'") == "a%20b%27")
    }

    @Test
    func `More rows than a filter may compare are requested as a range`() throws {
        let rows = (10..<30).map { "r\($0)" }
        let named = requests.get(partition: "p", rows: Array(rows.prefix(14))).query[0]
        #expect(named.components("RowKey%20eq") == 14)
        let range = requests.get(partition: "p", rows: rows.reversed()).query[0]
        let filter = "PartitionKey eq 'p' and RowKey ge 'r10' and RowKey le 'r29'"
        #expect(range == "$filter=" + PercentEncoding.encode(filter))
    }

    @Test
    func `A scan sends its filter and limit to the service`() throws {
        var filter = EntityFilter(partition: "p", rowPrefix: "s_")
        filter.earlier = EntityFilter.Earlier(
            "expiresAt", than: Timestamp(microseconds: 1_793_000_000_500_000))
        let expected =
            "PartitionKey eq 'p' and RowKey ge 's_' and RowKey lt 's`'"
            + " and expiresAt lt datetime'2026-10-26T07:33:20.5Z'"
        #expect(
            requests.scan(filter, limit: 7, after: nil).query
                == ["$filter=" + PercentEncoding.encode(expected), "$top=7"])
        #expect(requests.scan(.all, limit: 1, after: nil).query == ["$top=1"])
    }

    @Test
    func `An entity is encoded with its types, to the same bytes each time`() {
        let properties: EntityProperties = [
            "b": .binary([1, 2, 3]), "d": .double(2), "i": .int64(255), "n": .double(-.infinity),
            "s": .string("a\"\\\u{7}\u{E4}"), "t": .timestamp(Timestamp(microseconds: -1)),
            "y": .boolean(true),
        ]
        let key = EntityKey(partition: "p", row: "r")
        let history = WriteHistory(writing: BuildingTests.number)
        let json = EntityCoding.encode(key, properties, history)
        let expected =
            #"{"PartitionKey":"p","RowKey":"r","b@odata.type":"Edm.Binary","b":"AQID","#
            + #""d@odata.type":"Edm.Double","d":2.0,"i@odata.type":"Edm.Int64","i":"255","#
            + #""n@odata.type":"Edm.Double","n":"-Infinity","s":"a\"\\\u0007ä","#
            + #""t@odata.type":"Edm.DateTime","t":"1969-12-31T23:59:59.999999Z","y":true,"#
            + #""opId":"\#(BuildingTests.number)"}"#
        #expect(String(decoding: json, as: UTF8.self) == expected)
        #expect(json == EntityCoding.encode(key, properties, history))
    }

    @Test
    func `A batch has the format that the service documents`() throws {
        let tag = VersionTag(
            "W/\"datetime'2026-11-23T21%3A06%3A03.1Z'\"",
            WriteHistory(writing: BuildingTests.number))
        let key = EntityKey(partition: "p", row: "r")
        let other = EntityKey(partition: "p", row: "o")
        let number = String(repeating: "m", count: 22)
        let writes = [
            PreparedWrite(.insert(key, [:]), number: number),
            PreparedWrite(.replace(other, [:], ifMatch: tag.etag), number: number),
            PreparedWrite(.delete(other, ifMatch: nil), number: number),
        ]
        let request = requests.batch(writes, boundary: "B")
        #expect(request.path == "/$batch" && request.method == .post)
        #expect(request.contentType == "multipart/mixed; boundary=batch_B")
        let part = [
            "--changeset_B", "Content-Type: application/http", "Content-Transfer-Encoding: binary",
            "",
        ]
        let insert = #"{"PartitionKey":"p","RowKey":"r","opId":"\#(number)"}"#
        let replace =
            #"{"PartitionKey":"p","RowKey":"o","opId":"\#(number)","#
            + #""opLog":"\#(BuildingTests.number)"}"#
        let base = "https://a.table.core.windows.net/Users"
        let common = ["Accept: application/json;odata=nometadata", "DataServiceVersion: 3.0"]
        var lines = [
            "--batch_B", "Content-Type: multipart/mixed; boundary=changeset_B", "",
        ]
        lines += part + ["POST \(base) HTTP/1.1"] + common
        lines += ["Prefer: return-no-content", "Content-Type: application/json"]
        lines += ["Content-Length: \(insert.utf8.count)", "", insert]
        lines += part + ["PUT \(base)(PartitionKey='p',RowKey='o') HTTP/1.1"] + common
        lines += ["If-Match: \(tag.service)", "Content-Type: application/json"]
        lines += ["Content-Length: \(replace.utf8.count)", "", replace]
        lines += part + ["DELETE \(base)(PartitionKey='p',RowKey='o') HTTP/1.1"] + common
        lines += ["If-Match: *", "Content-Length: 0", "", ""]
        lines += ["--changeset_B--", "", "--batch_B--", ""]
        #expect(text(request.body) == lines.joined(separator: "\r\n"))
    }

    @Test
    func `A SAS is sent in the query, never in a header or a batch body`() throws {
        let signature = try SharedAccessSignature(parsing: "sv=2019-02-02&sig=TOPSECRET")
        let endpoint = try AzureEndpoint(parsing: "https://a.table.core.windows.net")
        let request = requests.batch(
            [PreparedWrite(.delete(EntityKey(partition: "p", row: "r"), ifMatch: nil), number: "")],
            boundary: "B")
        let signed = Signing.signature(signature, .signature(signature)).request(
            request, to: endpoint, now: Timestamp(seconds: 0), timeoutSeconds: 8, requestID: "id")
        #expect(signed.url == "https://a.table.core.windows.net/$batch?timeout=8")
        #expect(signed.secretQuery == SecretBytes(utf8: "sv=2019-02-02&sig=TOPSECRET"))
        #expect(signed.secretHeaders.isEmpty && !text(signed.body).contains("TOPSECRET"))
        #expect(!"\(signed.headers)".contains("TOPSECRET"))
        let names = Set(signed.headers.map(\.name))
        let needed = [
            "x-ms-version", "x-ms-date", "Date", "Accept", "DataServiceVersion",
            "MaxDataServiceVersion", "Content-Type", "x-ms-client-request-id",
        ]
        #expect(names.isSuperset(of: needed))
        #expect(
            signed.headers.first { $0.name == "x-ms-date" }?.value
                == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test(arguments: ["", "x", "W/\"a\"", "W/\"a\r\nX: y\"\n\n", "a\nb\nc", "W/\"\u{E4}\"\n\n"])
    func `A foreign etag matches no version`(_ text: String) {
        #expect(VersionTag(ETag(text)) == VersionTag.never)
    }

    @Test
    func `An etag carries the last eight writes`() {
        var history = WriteHistory(current: nil, earlier: nil)
        for index in 10..<30 {
            history = WriteHistory(
                writing: "\(index)" + String(repeating: "-", count: 20), over: history)
            let tag = VersionTag("W/\"x\"", history)
            #expect(VersionTag(tag.etag) == tag)
        }
        #expect(
            history.earlier.count == 7 && history.contains("22" + String(repeating: "-", count: 20))
        )
        #expect(!history.contains("21" + String(repeating: "-", count: 20)))
        let rubbish = WriteHistory(current: "short", earlier: "a.b..\(BuildingTests.number).c")
        #expect(rubbish.current.isEmpty && rubbish.earlier == [BuildingTests.number])
    }

    @Test(arguments: ["a", "a/b", "1!8!YQ--/1!8!Yg--"])
    func `A continuation comes back as the service gave it`(_ text: String) throws {
        let parts = text.split(separator: "/").map(String.init)
        var headers = [("x-ms-continuation-NextPartitionKey", parts[0])]
        if parts.count == 2 { headers.append(("x-ms-continuation-nextrowkey", parts[1])) }
        let response = HTTPResponse(status: 200, headers: headers, body: [], sendCount: 1)
        let token = try #require(ContinuationToken(response))
        let query =
            ["NextPartitionKey=" + PercentEncoding.encode(parts[0])]
            + parts.dropFirst().map { "NextRowKey=" + PercentEncoding.encode($0) }
        #expect(token.query == query && ContinuationToken(token.continuation) == token)
    }

    @Test(arguments: ["a/b/c", "a&sig=x", "a b", "%", "%G0", "\u{E4}", "a%FF"])
    func `A continuation that could inject query parameters or a path is refused`(_ text: String) {
        #expect(ContinuationToken(EntityContinuation(text)) == nil)
    }
}

extension String {
    /// How often `needle` occurs.
    fileprivate func components(_ needle: String) -> Int {
        ranges(of: needle).count
    }
}
