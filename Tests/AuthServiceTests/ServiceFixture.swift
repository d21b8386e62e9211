import AuthCore
import AuthMessages
import AuthService
import Bytes
import ProtobufCodec
import Storage
import Synchronization
import TTRPC
import TestSupport
import Testing

/// The services on an authenticator, called in place of a connection.
struct ServiceFixture {
    let core: AuthenticatorFixture
    let audit: AuditList
    let operations = TestOperations()
    private let methods: [String: [String: RPCMethod]]

    /// - Parameters:
    ///   - store: what the services work on.
    ///   - cacheLifetime: of the session cache.
    ///   - audit: gets the events.
    /// - Throws: what the keys are refused for.
    init(
        store: any EntityStore = MemoryStore(), cacheLifetime: Duration = .zero,
        audit: AuditList = AuditList()
    ) throws {
        self.audit = audit
        core = try AuthenticatorFixture(store: store, cacheLifetime: cacheLifetime)
        let services = AuthServices.make(
            authenticator: core.authenticator, operations: operations, audit: audit,
            believesClientAddress: { _ in false })
        methods = Dictionary(
            uniqueKeysWithValues: services.map { service in
                let methods = service.methods.map { ($0.name, $0) }
                return (service.name, Dictionary(uniqueKeysWithValues: methods))
            })
    }

    /// Calls a method, of AuthService if nobody says otherwise.
    func call<Request: ProtobufMessage, Response: ProtobufMessage>(
        _ method: String, _ request: Request, service: String = ServiceNames.auth,
        token: SecretBytes? = nil, returning: Response.Type
    ) async throws -> Response {
        let payload = try await self.method(method, of: service).suspending(
            try context(method, of: service, token), try request.encoded())
        return try Response(decoding: payload)
    }

    /// A method as the router gets it.
    func method(_ name: String, of service: String = ServiceNames.auth) throws -> RPCMethod {
        try #require(methods[service]?[name], "\(name) is not served")
    }

    /// The methods of a service, in order of their names.
    func methodNames(of service: String) -> [String] {
        methods[service, default: [:]].keys.sorted()
    }

    /// What a connection tells a method about a call.
    func context(
        _ method: String, of service: String = ServiceNames.auth, _ token: SecretBytes? = nil,
        metadata pairs: [(String, [UInt8])] = []
    ) throws -> CallContext {
        CallContext(
            descriptor: MethodDescriptor(service: service, method: method, index: 0),
            connection: ConnectionInfo(id: 1, peer: .inProcess),
            metadata: try metadata(bearer(token) + pairs))
    }

    /// Expects a call to be refused, and gives back why.
    func refusal(
        _ method: String, _ request: some ProtobufMessage, service: String = ServiceNames.auth,
        token: SecretBytes? = nil
    ) async throws -> (code: RPCCode, reason: String) {
        do {
            _ = try await call(
                method, request, service: service, token: token, returning: LoginResponse.self)
            Issue.record("\(method) was not refused")
            return (.ok, "")
        } catch let error as RPCError {
            let detail = try #require(error.details.first { $0.typeURL == ErrorInfo.typeURL })
            return (error.code, try ErrorInfo(decoding: SecretBytes(detail.value)).reason)
        }
    }

    private func bearer(_ token: SecretBytes?) -> [(String, [UInt8])] {
        guard let token else { return [] }
        return [
            ("authorization", Array("Bearer ".utf8) + token.withUnsafeBytes { Array($0) })
        ]
    }

    /// Metadata as an envelope brings it: field 5, a KeyValue each.
    private func metadata(_ pairs: [(String, [UInt8])]) throws -> CallMetadata {
        let fields = pairs.flatMap { field(5, field(1, Array($0.utf8)) + field(2, $1)) }
        return try fields.withUnsafeBytes {
            try RequestEnvelope(decoding: $0).metadata(limits: EnvelopeLimits())
        }
    }
}

/// Keeps the audit events.
final class AuditList: AuditSink {
    private let list = Mutex<[AuditEvent]>([])
    private let isWritable: Bool

    /// - Parameter isWritable: whether it lets answers go out.
    init(isWritable: Bool = true) {
        self.isWritable = isWritable
    }

    var events: [AuditEvent] { list.withLock { $0 } }

    func record(_ event: AuditEvent) {
        list.withLock { $0.append(event) }
    }

    func recordBeforeAnswer(_ event: AuditEvent) async -> Bool {
        record(event)
        return isWritable
    }

    func fault(method: String, _ cause: String) {
        Issue.record("\(method): \(cause)")
    }
}

/// A daemon that is not there.
struct TestOperations: DaemonOperations {
    var statistics: DaemonStatistics {
        DaemonStatistics(
            version: "1.2.3", startedAt: Timestamp(seconds: 1_795_000_000), store: "memory",
            connections: 4, requests: 5, hashQueueDepth: 6, hashThreads: 7)
    }

    var metrics: String { "# HELP a b\n# TYPE a gauge\na 1\n" }

    func backUp(name: String) async throws(AuthError) -> String {
        guard name != "taken" else { throw .backupFailed("it exists") }
        return "/backups/" + name
    }
}

/// A length-delimited field on the wire.
func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var count = bytes.count
    var length: [UInt8] = []
    while count > 127 {
        length.append(UInt8(count & 127 | 128))
        count >>= 7
    }
    return [number << 3 | 2] + length + [UInt8(count)] + bytes
}
