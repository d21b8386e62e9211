import AzureTableStore
import Bytes
import HTTPClient
import Storage
import Testing

/// Entities that this program can't read, among others that it can.
struct UnreadableEntityTests {
    /// A service that gives every query the same answer.
    private struct Service: HTTPSending {
        let body: String

        func send(
            _ request: HTTPRequest, timeout: Duration
        ) async throws(HTTPError) -> HTTPResponse {
            HTTPResponse(status: 200, headers: [], body: Array(body.utf8), sendCount: 1)
        }

        func close() async {}
    }

    private let store: AzureTableStore

    init() throws {
        let body = """
            {"value":[{"PartitionKey":"p","RowKey":"a","odata.etag":"v1"},\
            {"PartitionKey":"p","RowKey":"b","odata.etag":"v1","x":{"secret":1}}]}
            """
        let key = "AccountName=a;AccountKey=\(AzureFixture.developmentKey)"
        store = AzureTableStore(
            account: try AzureAccount(
                endpoint: "http://127.0.0.1:1/a", secret: SecretBytes(utf8: key),
                identity: .virtualMachine(clientID: nil)),
            table: "Users", createsTable: false, http: Service(body: body),
            environment: AzureFixture.environment)
    }

    @Test func `A scan names an entity that cannot be read, and goes on without it`() async throws {
        let page = try await store.scan(after: nil, limit: 10)
        #expect(page.entities.map(\.key.row) == ["a"])
        #expect(page.unreadable.map(\.key) == [EntityKey(partition: "p", row: "b")])
        #expect(!page.unreadable.contains { $0.reason.contains("secret") })
    }

    @Test func `Other reads of an entity that cannot be read are refused`() async throws {
        let reads: [@Sendable () async throws -> Void] = [
            { [store] in _ = try await store.get(partition: "p", rows: ["a", "b"]) },
            { [store] in _ = try await store.query(partition: "p", rowPrefix: "", limit: 9) },
        ]
        for read in reads {
            let error = await #expect(throws: StoreError.self) { try await read() }
            guard case .corrupt(let text) = error else {
                Issue.record("not .corrupt")
                continue
            }
            #expect(text.contains("p/b"))
        }
        let others = try await store.get(partition: "p", rows: ["a", "c"])
        #expect(others.map(\.?.key.row) == ["a", nil])
    }
}
