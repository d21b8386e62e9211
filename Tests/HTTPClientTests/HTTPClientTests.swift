import Bytes
import Foundation
import Glibc
import HTTPClient
import Synchronization
import Testing

/// The client against a server that does what the test says.
struct HTTPClientTests {
    private static let patience = Duration.seconds(20)

    /// Runs `body` with a client and a server, and closes both.
    private func withClient(
        _ options: HTTPClientOptions = HTTPClientOptions(),
        serving: @escaping @Sendable (Int, LoopbackConnection) -> Void,
        _ body: (HTTPClient, LoopbackServer) async throws -> Void
    ) async throws {
        let server = try LoopbackServer(serving)
        let client = try HTTPClient(options)
        let result = await Result { try await body(client, server) }
        await client.close()
        server.stop()
        try result.get()
    }

    private func failure(
        _ client: HTTPClient, _ request: HTTPRequest, timeout: Duration = patience
    ) async -> HTTPError? {
        do {
            _ = try await client.send(request, timeout: timeout)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func `A request is sent as it was built, and its status, headers and body are returned`()
        async throws
    {
        let seen = Mutex("")
        try await withClient { _, connection in
            seen.withLock { $0 = connection.request() ?? "" }
            connection.respond(
                "hello", status: "201 Created", headers: "ETag: W/\"x\"\r\nx-a:  b \r\n")
        } _: { client, server in
            var request = HTTPRequest(.post, "\(server.url)/a?b=c")
            request.secretQuery = SecretBytes(utf8: "sig=s%2Fs")
            request.headers = [("Content-Type", "application/json"), ("X-Empty", "")]
            request.secretHeaders = [("Authorization", SecretBytes(utf8: "Bearer t"))]
            request.body = SecretBytes(utf8: "{}")
            let response = try await client.send(request, timeout: HTTPClientTests.patience)
            #expect(response.status == 201 && response.body == Array("hello".utf8))
            #expect(response.header("etag") == "W/\"x\"" && response.header("X-A") == "b")
            #expect(response.header("none") == nil && response.sendCount == 1)
        }
        let lines = seen.withLock { $0 }.components(separatedBy: "\r\n")
        #expect(lines.first == "POST /a?b=c&sig=s%2Fs HTTP/1.1" && lines.last == "{}")
        let expected = [
            "Content-Type: application/json", "X-Empty:", "Authorization: Bearer t",
            "Content-Length: 2", "User-Agent: authd",
        ]
        #expect(Set(expected).isSubset(of: lines))
        #expect(!lines.contains { $0.lowercased().hasPrefix("expect") })
    }

    @Test(arguments: [HTTPMethod.put, .delete, .post])
    func `A PUT, DELETE or POST without a body sends Content-Length 0`(_ method: HTTPMethod)
        async throws
    {
        try await withClient { _, connection in
            let request = connection.request() ?? ""
            let isRight =
                request.hasPrefix("\(method.rawValue) / HTTP/1.1\r\n")
                && request.contains("\r\nContent-Length: 0\r\n")
                && !request.contains("Content-Type")
            connection.respond("", status: isRight ? "200 OK" : "400 Bad Request")
        } _: { client, server in
            let request = HTTPRequest(method, "\(server.url)/")
            let response = try await client.send(request, timeout: HTTPClientTests.patience)
            #expect(response.status == 200 && response.body.isEmpty)
        }
    }

    @Test
    func `A body of two megabytes is sent without waiting for a "100 Continue"`() async throws {
        try await withClient { _, connection in
            let request = connection.request() ?? ""
            connection.respond("\(request.utf8.count > 2_000_000 && !request.contains("Expect"))")
        } _: { client, server in
            var request = HTTPRequest(.put, "\(server.url)/")
            request.body = SecretBytes(repeatElement(UInt8(ascii: "x"), count: 2_000_000))
            let response = try await client.send(request, timeout: HTTPClientTests.patience)
            #expect(response.body == Array("true".utf8))
        }
    }

    @Test
    func `Connections are reused and never exceed the configured maximum`() async throws {
        var options = HTTPClientOptions()
        options.connectionsMax = 4
        try await withClient(options) { _, connection in
            while let request = connection.request() {
                connection.respond(request.components(separatedBy: "\r\n")[0])
            }
        } _: { client, server in
            let url = server.url
            try await withThrowingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask {
                        let response = try await client.send(
                            HTTPRequest(.get, "\(url)/\(number)"), timeout: .seconds(60))
                        #expect(response.body == Array("GET /\(number) HTTP/1.1".utf8))
                    }
                }
                try await group.waitForAll()
            }
            #expect((1...4).contains(server.connectionCount))
        }
    }

    @Test
    func `Chunked bodies are joined, and interim responses are ignored`() async throws {
        try await withClient { _, connection in
            _ = connection.request()
            connection.send("HTTP/1.1 100 Continue\r\nx-interim: 1\r\n\r\n")
            connection.send(
                "HTTP/1.1 200 A Whole Sentence: Really\r\nTransfer-Encoding: chunked\r\n")
            connection.send("\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            connection.waitForEnd()
        } _: { client, server in
            let response = try await client.send(
                HTTPRequest(.get, server.url), timeout: HTTPClientTests.patience)
            #expect(response.body == Array("abcde".utf8) && response.header("x-interim") == nil)
        }
    }

    @Test
    func `A redirect is returned as a response and not followed`() async throws {
        try await withClient { _, connection in
            _ = connection.request()
            connection.respond("", status: "302 Found", headers: "Location: /other\r\n")
        } _: { client, server in
            let response = try await client.send(
                HTTPRequest(.get, server.url), timeout: HTTPClientTests.patience)
            #expect(response.status == 302)
        }
    }

    @Test
    func `A request that libcurl sends twice reports a send count of 2`() async throws {
        try await withClient { number, connection in
            _ = connection.request()
            connection.respond("\(number)")
            // The second request on this connection is read and never answered.
            guard number == 1 else { return }
            _ = connection.request()
        } _: { client, server in
            var request = HTTPRequest(.post, server.url)
            request.body = SecretBytes(utf8: "once")
            let first = try await client.send(request, timeout: HTTPClientTests.patience)
            #expect(first.body == Array("1".utf8) && first.sendCount == 1)
            let second = try await client.send(request, timeout: HTTPClientTests.patience)
            #expect(second.body == Array("2".utf8) && second.sendCount == 2)
        }
    }

    @Test
    func `A refused connection reports that the request was not sent`() async throws {
        let server = try LoopbackServer { _, _ in }
        server.stop()
        let client = try HTTPClient()
        let error = await failure(client, HTTPRequest(.post, server.url))
        #expect(error?.kind == .notConnected && error?.mayHaveBeenSent == false)
        await client.close()
    }

    @Test
    func `A connection that breaks after the request reports that it may have been sent`()
        async throws
    {
        let endings: [@Sendable (LoopbackConnection) -> Void] = [
            { $0.reset() }, { $0.close() },
            { $0.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") },
            { $0.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc") },
            { $0.send("HTTP/1.1 2") }, { $0.send("no http\r\n\r\n") },
        ]
        for (number, ending) in endings.enumerated() {
            try await withClient { _, connection in
                _ = connection.request()
                ending(connection)
            } _: { client, server in
                let error = await failure(client, HTTPRequest(.put, server.url))
                #expect(error?.kind == .broken && error?.mayHaveBeenSent == true, "\(number)")
            }
        }
    }

    @Test
    func `The timeout covers the wait for a response and the wait for a connection`() async throws {
        var options = HTTPClientOptions()
        options.connectionsMax = 1
        try await withClient(options) { _, connection in
            _ = connection.request()
            connection.waitForEnd()
        } _: { client, server in
            let url = server.url
            async let first = failure(client, HTTPRequest(.get, url), timeout: .milliseconds(600))
            async let second = failure(client, HTTPRequest(.get, url), timeout: .milliseconds(200))
            let (running, waiting) = await (first, second)
            #expect(running?.kind == .timedOut && waiting?.kind == .timedOut)
            // Either may have come first.
            #expect(running?.mayHaveBeenSent == true || waiting?.mayHaveBeenSent == true)
        }
    }

    @Test
    func `A request beyond the queue limit is refused at once`() async throws {
        var options = HTTPClientOptions()
        options.connectionsMax = 1
        options.waitingMax = 0
        try await withClient(options) { _, connection in
            _ = connection.request()
            connection.waitForEnd()
        } _: { client, server in
            let url = server.url
            let kinds = await withTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask {
                        await failure(client, HTTPRequest(.get, url), timeout: .seconds(1))?.kind
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(kinds.count { $0 == .overloaded } == 2 && kinds.contains(.timedOut))
        }
    }

    @Test
    func `A cancelled task ends its request, and the next is served`() async throws {
        try await withClient { number, connection in
            _ = connection.request()
            if number == 1 { connection.waitForEnd() } else { connection.respond("") }
        } _: { client, server in
            let url = server.url
            let task = Task { await failure(client, HTTPRequest(.get, url)) }
            while server.connectionCount == 0 { await Task.yield() }
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
            let response = try await client.send(
                HTTPRequest(.get, url), timeout: HTTPClientTests.patience)
            #expect(response.status == 200)
        }
    }

    @Test(arguments: [true, false])
    func `A response whose body or headers exceed the limit fails as too large`(_ isBody: Bool)
        async throws
    {
        var options = HTTPClientOptions()
        options.responseBytesMax = 1_000
        options.headerBytesMax = 1_000
        try await withClient(options) { number, connection in
            _ = connection.request()
            let size = number == 1 ? 500 : 1_001
            let text = String(repeating: "x", count: size)
            connection.respond(isBody ? text : "", headers: isBody ? "" : "x-long: \(text)\r\n")
            if number == 1 { connection.close() }
        } _: { client, server in
            let response = try await client.send(
                HTTPRequest(.get, server.url), timeout: HTTPClientTests.patience)
            #expect(response.status == 200)
            let error = await failure(client, HTTPRequest(.get, server.url))
            #expect(error?.kind == .tooLarge && error?.mayHaveBeenSent == true)
        }
    }

    @Test(arguments: ["a\r\nX-Injected: 1", "a\u{0}b", "a\u{7F}"])
    func `A URL or header with a control character is refused before connecting`(_ value: String)
        async throws
    {
        try await withClient { _, connection in
            _ = connection.request()
            connection.respond("")
        } _: { client, server in
            var byHeader = HTTPRequest(.get, server.url)
            byHeader.headers = [("If-Match", value)]
            var bySecret = HTTPRequest(.get, server.url)
            bySecret.secretHeaders = [("Authorization", SecretBytes(utf8: value))]
            let byURL = HTTPRequest(.get, server.url + "/" + value)
            for request in [byHeader, bySecret, byURL] {
                let error = await failure(client, request)
                #expect(error?.kind == .invalidRequest && error?.mayHaveBeenSent == false)
            }
            #expect(server.connectionCount == 0)
        }
    }

    @Test
    func `Closing the client fails running and later requests`() async throws {
        let server = try LoopbackServer { _, connection in
            _ = connection.request()
            connection.waitForEnd()
        }
        let client = try HTTPClient()
        let task = Task { await failure(client, HTTPRequest(.get, server.url)) }
        while server.connectionCount == 0 { await Task.yield() }
        await client.close()
        #expect(await task.value?.kind == .closed)
        #expect(await failure(client, HTTPRequest(.get, server.url))?.kind == .closed)
        await client.close()
        server.stop()
    }

    /// In a process of its own: the environment is the whole process's.
    @Test
    func `The http_proxy variable applies unless a request bypasses the proxy`() async {
        await #expect(processExitsWith: .success) {
            let proxy = try LoopbackServer { _, connection in
                while let request = connection.request() {
                    connection.respond(request.components(separatedBy: "\r\n")[0])
                }
            }
            setenv("http_proxy", proxy.url, 1)
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            let client = try HTTPClient()
            var request = HTTPRequest(.get, "http://127.0.0.2:\(proxy.port)/x")
            let proxied = try await client.send(request, timeout: .seconds(20))
            #expect(
                String(decoding: proxied.body, as: UTF8.self)
                    == "GET http://127.0.0.2:\(proxy.port)/x HTTP/1.1")
            request = HTTPRequest(.get, "\(proxy.url)/x")
            request.bypassesProxy = true
            let direct = try await client.send(request, timeout: .seconds(20))
            #expect(direct.body == Array("GET /x HTTP/1.1".utf8))
            await client.close()
        }
    }
}

extension Result where Failure == any Error {
    /// Keeps what an async function throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
