import Bytes
import DispatchBridge
import HTTPClient
import Storage
import Testing

@testable import AzureTableStore

/// What a request does while the identity's token is fetched.
struct TokenWaitTests {
    /// An endpoint that says nothing until it is told to.
    private struct SilentEndpoint: HTTPSending {
        let asked = Promise<Void>()
        let answer = Promise<HTTPResponse>()

        func send(
            _ request: HTTPRequest, timeout: Duration
        ) async throws(HTTPError) -> HTTPResponse {
            asked.fulfil(())
            return await answer.value()
        }

        func close() async {}
    }

    private let endpoint = SilentEndpoint()
    private let credentials: Credentials

    init() {
        credentials = Credentials(
            .identity(.virtualMachine(clientID: nil)), http: endpoint,
            AzureEnvironment(
                now: { Timestamp(seconds: 1_000_000) }, readFile: { _ in .content(.init()) },
                notify: { _ in }))
    }

    private func text(_ wait: () async throws -> Signing) async -> String {
        do {
            _ = try await wait()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test
    func `A request times out while waiting for the token, and the next one gets it`() async throws
    {
        let early = await text {
            try await credentials.current(until: .now + .milliseconds(1))
        }
        #expect(early.contains("no token came in time"))
        async let patient = credentials.current(until: .now + .seconds(60))
        await endpoint.asked.value()
        endpoint.answer.fulfil(
            HTTPResponse(
                status: 200, headers: [],
                body: Array(#"{"access_token":"t","expires_in":"3600"}"#.utf8),
                sendCount: 1))
        guard case .token(let token, _) = try await patient else {
            Issue.record("no token")
            return
        }
        #expect(token.expiresAt == Timestamp(seconds: 1_003_600))
    }

    @Test
    func `A cancelled request stops waiting for the token`() async throws {
        let waiting = Task { [credentials] in
            try await credentials.current(until: .now + .seconds(60))
        }
        await endpoint.asked.value()
        waiting.cancel()
        await #expect(throws: StoreError.cancelled) { try await waiting.value }
        endpoint.answer.fulfil(HTTPResponse(status: 400, headers: [], body: [], sendCount: 1))
    }
}
