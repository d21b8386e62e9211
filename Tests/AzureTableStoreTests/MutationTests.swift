import AzureTableStore
import Bytes
import HTTPClient
import Storage
import TableEmulatorControl
import Testing

/// One character of what the adapter sends is changed on the way: nothing of it may pass.
@Suite(.enabled(if: TableEmulator.isAvailable, TableEmulator.hint))
struct MutationTests {
    /// A way to the service on which writes are changed.
    private struct Way: HTTPSending {
        let http: HTTPClient
        let change: @Sendable (inout HTTPRequest) -> Void

        func send(
            _ request: HTTPRequest, timeout: Duration
        ) async throws(HTTPError) -> HTTPResponse {
            var changed = request
            if request.method != .get { change(&changed) }
            return try await http.send(changed, timeout: timeout)
        }

        func close() async { await http.close() }
    }

    private enum Outcome {
        case done, refused, versionMismatch
    }

    private static let first = EntityKey(partition: "p", row: "a")
    private static let second = EntityKey(partition: "p", row: "b")
    /// As long as a signature is: 32 bytes in base 64.
    private static let signatureCharacters = 44

    /// Replaces an entity, alone or with another one in a transaction, by way of `change`.
    private func write(
        _ fixture: AzureFixture, secret: String?, isBatch: Bool, _ expected: Outcome,
        _ change: @escaping @Sendable (inout HTTPRequest) -> Void
    ) async throws {
        let way = Way(http: try HTTPClient(), change: change)
        let altered = try await AzureFixture(
            on: fixture.emulator, table: fixture.table, secret: secret, createsTable: false,
            http: way)
        let keys = isBatch ? [MutationTests.first, MutationTests.second] : [MutationTests.first]
        let found = try await fixture.store.get(partition: "p", rows: keys.map(\.row))
        let operations = try zip(keys, found).map { key, entity in
            EntityOperation.replace(
                key, ["v": .int64(1)], ifMatch: try #require(entity?.etag))
        }
        let before = try await fixture.emulator.commits(table: fixture.table).count
        #expect(try await outcome(altered.store, operations) == expected)
        let after = try await fixture.emulator.commits(table: fixture.table).count
        #expect(after - before == (expected == .done ? 1 : 0))
        await altered.store.close()
    }

    private func outcome(
        _ store: AzureTableStore, _ operations: [EntityOperation]
    ) async throws -> Outcome {
        do {
            _ = try await store.transact(partition: "p", operations)
            return .done
        } catch {
            switch error {
            case .versionMismatch: return .versionMismatch
            case .unavailable: return .refused
            default: throw error
            }
        }
    }

    private func fixture() async throws -> AzureFixture {
        let fixture = try await AzureFixture()
        _ = try await fixture.store.transact(
            partition: "p",
            [.insert(MutationTests.first, [:]), .insert(MutationTests.second, [:])])
        return fixture
    }

    /// A SAS for the table, which signs nothing of a request: what is changed is refused for itself.
    private func signature(_ fixture: AzureFixture) async throws -> String {
        try await fixture.emulator.signature([
            "tn": fixture.table, "sp": "raud", "se": "2100-01-01T00:00:00Z",
        ])
    }

    @Test
    func `Unchanged, everything passes`() async throws {
        let fixture = try await fixture()
        for secret in [nil, try await signature(fixture)] {
            for isBatch in [false, true] {
                try await write(fixture, secret: secret, isBatch: isBatch, .done) { _ in }
            }
        }
        await fixture.store.close()
    }

    @Test
    func `Changing any character of a Shared Key signature is refused`() async throws {
        let fixture = try await fixture()
        for place in 1...MutationTests.signatureCharacters {
            try await write(fixture, secret: nil, isBatch: place % 2 == 0, .refused) { request in
                request.secretHeaders[0].value.replaceCharacter(fromEnd: place)
            }
        }
        await fixture.store.close()
    }

    @Test
    func `Changing the date, address or content type under a Shared Key signature is refused`()
        async throws
    {
        let fixture = try await fixture()
        for isBatch in [false, true] {
            try await write(fixture, secret: nil, isBatch: isBatch, .refused) { request in
                for index in request.headers.indices
                where ["Date", "x-ms-date"].contains(request.headers[index].name) {
                    // Fri, 13 Nov 2026 21:06:03 GMT: the last digit of the seconds.
                    request.headers[index].value.replaceCharacter(fromEnd: 5)
                }
            }
            try await write(fixture, secret: nil, isBatch: isBatch, .refused) { request in
                request.headers.change("Content-Type") { $0.replaceCharacter(fromEnd: 1) }
            }
        }
        try await write(fixture, secret: nil, isBatch: false, .refused) { request in
            request.url = request.url.replacing("RowKey='a'", with: "RowKey='b'")
        }
        await fixture.store.close()
    }

    @Test
    func `Changing any character of a SAS signature is refused`() async throws {
        let fixture = try await fixture()
        let secret = try await signature(fixture)
        let start = try #require(secret.firstRange(of: "sig=")?.upperBound)
        let length = secret[start...].prefix { $0 != "&" }.utf8.count
        let behind = secret[start...].utf8.count - length
        for place in 1...length {
            try await write(fixture, secret: secret, isBatch: place % 2 == 0, .refused) { request in
                request.secretQuery.replaceCharacter(fromEnd: behind + place)
            }
        }
        await fixture.store.close()
    }

    @Test
    func `An etag with one digit changed is a version mismatch`() async throws {
        let fixture = try await fixture()
        let secret = try await signature(fixture)
        try await write(fixture, secret: secret, isBatch: false, .versionMismatch) { request in
            // W/"datetime'2026-11-24T08%3A08%3A45.4521234Z'": a digit of the fraction.
            request.headers.change("If-Match") { $0.replaceCharacter(fromEnd: 4) }
        }
        try await write(fixture, secret: secret, isBatch: true, .versionMismatch) { request in
            request.body.change { text in
                guard let line = text.firstRange(of: "If-Match: "),
                    let end = text[line.upperBound...].firstRange(of: "\r\n")
                else { return }
                text.replaceCharacter(at: text.index(end.lowerBound, offsetBy: -4))
            }
        }
        await fixture.store.close()
    }

    @Test
    func `A transaction with inconsistent boundaries, keys or request lines is refused`()
        async throws
    {
        let fixture = try await fixture()
        let secret = try await signature(fixture)
        try await write(fixture, secret: secret, isBatch: true, .refused) { request in
            request.headers.change("Content-Type") { $0.replaceCharacter(fromEnd: 1) }
        }
        for delimiter in ["--batch_", "boundary=changeset_", "--changeset_"] {
            try await write(fixture, secret: secret, isBatch: true, .refused) { request in
                request.body.change { text in
                    guard let found = text.firstRange(of: delimiter) else { return }
                    text.replaceCharacter(at: found.upperBound)
                }
            }
        }
        for (old, new) in [
            ("PartitionKey='p'", "PartitionKey='q'"), ("RowKey='b'", "RowKey='a'"),
            (" HTTP/1.1", " HTTP/1.2"), ("http://127", "http://128"),
        ] {
            try await write(fixture, secret: secret, isBatch: true, .refused) { request in
                request.body.change { text in
                    guard let found = text.ranges(of: old).last else { return }
                    text.replaceSubrange(found, with: new)
                }
            }
        }
        await fixture.store.close()
    }
}

extension String {
    /// Another character in the place that is so many from the end, 1 for the last.
    fileprivate mutating func replaceCharacter(fromEnd place: Int) {
        replaceCharacter(at: index(endIndex, offsetBy: -place))
    }

    fileprivate mutating func replaceCharacter(at index: Index) {
        replaceSubrange(index...index, with: self[index] == "1" ? "2" : "1")
    }
}

extension SecretBytes {
    fileprivate mutating func change(_ body: (inout String) -> Void) {
        var text = withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        body(&text)
        self = SecretBytes(utf8: text)
    }

    fileprivate mutating func replaceCharacter(fromEnd place: Int) {
        change { $0.replaceCharacter(fromEnd: place) }
    }
}

extension [(name: String, value: String)] {
    fileprivate mutating func change(_ name: String, _ body: (inout String) -> Void) {
        for index in indices where self[index].name == name { body(&self[index].value) }
    }
}
