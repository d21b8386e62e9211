import AzureTableStore
import Bytes
import HTTPClient
import Storage
import Testing

/// A caller who goes away while the table service works.
struct CancellationTests {
    /// A client that is cancelled, after the request may have been sent or before.
    private struct CancelledClient: HTTPSending {
        let mayHaveBeenSent: Bool

        func send(
            _ request: HTTPRequest, timeout: Duration
        ) async throws(HTTPError) -> HTTPResponse {
            throw HTTPError(
                .cancelled, mayHaveBeenSent: mayHaveBeenSent, "the caller no longer waits")
        }

        func close() async {}
    }

    @Test(arguments: [false, true])
    func `A cancelled request is not the service's failure`(_ mayHaveBeenSent: Bool) async throws {
        let key = EntityKey(partition: "p", row: "r")
        let store = AzureTableStore(
            account: try AzureAccount(
                endpoint: nil, secret: SecretBytes(utf8: "UseDevelopmentStorage=true"),
                identity: .virtualMachine(clientID: nil)),
            table: "Users", createsTable: false,
            http: CancelledClient(mayHaveBeenSent: mayHaveBeenSent),
            environment: AzureFixture.environment)
        await #expect(throws: StoreError.cancelled) {
            _ = try await store.transact(partition: "p", [.insert(key, [:])])
        }
        await #expect(throws: StoreError.cancelled) {
            _ = try await store.get(partition: "p", rows: ["r"])
        }
        await store.close()
    }
}
