import Bytes
import Glibc
import TTRPC
import TestCertificates
import Testing

@testable import Transport

/// TLS between two ends in memory.
struct TLSSessionTests {
    private func pair(
        _ server: TLSContext, _ client: TLSContext
    ) throws -> (server: TLSSession, client: TLSSession) {
        (try TLSSession(server), try TLSSession(client))
    }

    private func transfer(_ bytes: [UInt8], from sender: TLSSession) throws -> [UInt8] {
        _ = try bytes.withUnsafeBytes { try sender.write($0) }
        return sender.takeUnsent()
    }

    private func read(_ session: TLSSession) throws -> (TLSSession.ReadResult, [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: TLSSession.recordBytesMax)
        let result = try buffer.withUnsafeMutableBytes { try session.read(into: $0) }
        guard case .count(let count) = result else { return (result, []) }
        return (result, Array(buffer[..<count]))
    }

    @Test
    func `A handshake and a record can arrive in pieces of any size`() throws {
        let fixture = try TLSFixture()
        let server = try TLSContext(server: fixture.serverMaterial())
        let client = try fixture.issueClient()
        for pieceBytes in [1, 2, 5, 1000] {
            let ends = try pair(server, fixture.clientContext(client))
            try TLSSession.connect([ends.client, ends.server], pieceBytes: pieceBytes)
            #expect(try ends.server.peerCertificate(now: time(nil))?.names == ["cn:client"])
            #expect(!ends.server.isInsideRecord)
            let record = try transfer([1, 2, 3], from: ends.client)
            for byte in record.dropLast() {
                try [byte].withUnsafeBytes { try ends.server.receive($0) }
                #expect(try read(ends.server).0 == .incomplete)
                #expect(ends.server.isInsideRecord)
            }
            try [record[record.count - 1]].withUnsafeBytes { try ends.server.receive($0) }
            #expect(try read(ends.server).1 == [1, 2, 3])
            #expect(try read(ends.server).0 == .incomplete)
            #expect(!ends.server.isInsideRecord)
        }
    }

    @Test
    func `A flipped bit in a record is detected, and none of its data is returned`() throws {
        let fixture = try TLSFixture()
        let server = try TLSContext(server: fixture.serverMaterial())
        let client = try fixture.issueClient()
        for place in [0, 1, 5, 9, 21] {
            let ends = try pair(server, fixture.clientContext(client))
            try TLSSession.connect([ends.client, ends.server])
            var record = try transfer([1, 2, 3], from: ends.client)
            record[place] ^= 1
            try record.withUnsafeBytes { try ends.server.receive($0) }
            #expect(throws: TLSError.self, "byte \(place)") { try read(ends.server) }
            // The alert says so to the other side.
            #expect(ends.server.unsentCount > 0)
        }
    }

    @Test
    func `A close notification is sent and read as the end of the stream`() throws {
        let fixture = try TLSFixture()
        let ends = try pair(
            TLSContext(server: fixture.serverMaterial()),
            fixture.clientContext(fixture.issueClient()))
        try TLSSession.connect([ends.client, ends.server])
        ends.client.shutDown()
        ends.client.shutDown()
        let bytes = ends.client.takeUnsent()
        try bytes.withUnsafeBytes { try ends.server.receive($0) }
        #expect(try read(ends.server).0 == .closed)
        #expect(try read(ends.server).0 == .closed)
    }

    @Test
    func `A session is resumed with its certificate until ticket keys or authorities change`()
        throws
    {
        let fixture = try TLSFixture()
        let credentials = try TLSCredentials(fixture.serverMaterial())
        let client = try fixture.clientContext(
            fixture.issueClient(alternativeNames: "DNS:Billing.Internal"))
        func connect() throws -> (isResumed: Bool, certificate: PeerCertificate?) {
            let ends = try pair(credentials.current, client)
            try TLSSession.connect([ends.client, ends.server])
            #expect(ends.client.isResumed == ends.server.isResumed)
            return (ends.server.isResumed, try ends.server.peerCertificate(now: time(nil)))
        }
        let first = try connect()
        #expect(!first.isResumed)
        let second = try connect()
        #expect(second.isResumed)
        #expect(second.certificate == first.certificate)
        #expect(second.certificate?.names == ["cn:client", "dns:billing.internal"])
        #expect(second.certificate?.fingerprint.count == 64)
        credentials.current.rotateTicketKeys()
        #expect(try !connect().isResumed)
        #expect(try connect().isResumed)
        try credentials.replace(fixture.serverMaterial())
        #expect(try !connect().isResumed)
        // Another authority: the ticket of one of the first opens nothing.
        #expect(try connect().isResumed)
        let other = try TestAuthority("other", in: fixture.directory)
        try credentials.replace(fixture.serverMaterial(authority: other))
        #expect(throws: TLSError.certificateRefused(.unknownAuthority)) { try connect() }
    }

    @Test
    func `A resumed session is refused once its certificate has expired`() throws {
        let fixture = try TLSFixture()
        let server = try TLSContext(server: fixture.serverMaterial())
        let client = try fixture.clientContext(fixture.issueClient(days: 2))
        for isResumed in [false, true] {
            let ends = try pair(server, client)
            try TLSSession.connect([ends.client, ends.server])
            #expect(ends.server.isResumed == isResumed)
            let now = time(nil)
            #expect(try ends.server.peerCertificate(now: now + 86_400) != nil)
            #expect(throws: TLSError.certificateRefused(.expired)) {
                try ends.server.peerCertificate(now: now + 3 * 86_400)
            }
        }
    }

    @Test
    func `Certificate names have kinds, and unprintable or ambiguous ones are left out`() throws {
        let fixture = try TLSFixture()
        let server = try TLSContext(server: fixture.serverMaterial())
        func names(_ pair: TestAuthority.KeyPair) throws -> [String]? {
            let ends = try self.pair(server, fixture.clientContext(pair))
            try TLSSession.connect([ends.client, ends.server])
            return try ends.server.peerCertificate(now: time(nil))?.names
        }
        let all = try fixture.issueClient(
            alternativeNames:
                "DNS:A.Example,URI:spiffe://x/Y,email:Ops@x.example,IP:10.0.0.7,IP:2001:db8::1,"
                + "DNS:*.b.example,DNS:a.example,RID:1.2.3")
        #expect(
            try names(all) == [
                "cn:client", "dns:a.example", "uri:spiffe://x/Y", "email:Ops@x.example",
                "ip:10.0.0.7", "ip:2001:db8::1", "dns:*.b.example",
            ])
        let two = try fixture.authority.issue(
            "two", for: .client, subject: "/CN=root/CN=two", alternativeNames: "DNS:two")
        #expect(try names(two) == ["dns:two"])
        let none = try fixture.authority.issue("none", for: .client, subject: "/O=x")
        #expect(try names(none) == [])
        let line = try fixture.authority.issue("line", for: .client, subject: "/CN=a\u{2028}b")
        #expect(try names(line) == [])
        let many = try fixture.issueClient(
            "many", alternativeNames: (0..<80).map { "DNS:n\($0)" }.joined(separator: ","))
        #expect(try names(many)?.count == PeerCertificate.namesMax)
        // A DNS name that says it is another kind stays a DNS name.
        let sly = try fixture.issueClient("sly", alternativeNames: "DNS:cn:admin")
        #expect(try names(sly) == ["cn:sly", "dns:cn:admin"])
    }

    @Test
    func `Unusable TLS material is refused with the part and the reason`() throws {
        let fixture = try TLSFixture()
        let other = try fixture.issueClient()
        let good = try TLSFixture.keyPair(fixture.server)
        let certificate = good.certificates
        let key = good.key
        let authority = try TLSFixture.read(fixture.authority.certificate)
        let locked = fixture.directory + "/locked.key"
        try TestAuthority.openssl(
            [
                "pkey", "-in", fixture.server.key, "-aes256", "-passout", "pass:x", "-out", locked,
            ])
        let small = try fixture.authority.issue("small", for: .server, rsaBits: 1024)
        let cases: [(TLSKeyPair, SecretBytes?, TLSMaterialError.Part, String)] = [
            (
                TLSKeyPair(certificates: SecretBytes(), key: key), nil, .certificate,
                "contains no certificate"
            ),
            (TLSKeyPair(certificates: key, key: key), nil, .certificate, "contains no certificate"),
            (
                TLSKeyPair(
                    certificates: SecretBytes(
                        utf8: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                    key: key), nil, .certificate, "can't be read"
            ),
            (
                TLSKeyPair(certificates: certificate, key: certificate), nil, .key,
                "contains no private key"
            ),
            (
                TLSKeyPair(certificates: certificate, key: try TLSFixture.read(locked)), nil, .key,
                "is encrypted"
            ),
            (
                TLSKeyPair(certificates: certificate, key: try TLSFixture.read(other.key)), nil,
                .key, "is not the private key of the certificate"
            ),
            (try TLSFixture.keyPair(small), nil, .certificate, "2048"),
            (good, certificate, .authorities, "not an authority's"),
            (good, key, .authorities, "contains no certificate"),
        ]
        for (pair, authorities, part, words) in cases {
            let error = try #require(throws: TLSMaterialError.self) {
                try TLSContext(
                    server: TLSServerMaterial(
                        keyPair: pair, clientAuthorities: authorities ?? authority))
            }
            #expect(error.part == part && error.problem.contains(words), "\(error)")
        }
    }
}
