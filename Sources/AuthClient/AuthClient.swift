import AuthMessages
import Bytes
import DispatchBridge
import ProtobufCodec
import TTRPC
import Transport

/// A client of `authd`: typed calls, any number of them in flight on one connection.
///
/// It connects at the first call and reconnects, with growing delays, after the daemon restarts. A
/// call that was certainly not sent is resent automatically; any other failure is for the caller to
/// judge.
///
///     let client = try AuthClient(address: "unix:/run/authd/authd.sock")
///     let login = try await client.login(
///         email: "ada@example.com", password: Secret(utf8: password))
///     let claims = try await client.verifyToken(login.tokens.access)
public final class AuthClient: Sendable {
    /// What a call may carry besides its request.
    public struct CallOptions: Sendable {
        /// For everything together: connecting, sending, waiting. Also sent to the daemon.
        public var timeout: Duration = .seconds(10)
        /// Label for a new session, at most 100 bytes.
        public var clientName: String?
        /// The end user's IP address; trusted only from callers that may state it.
        public var clientAddress: String?
        /// W3C Trace Context, for the daemon's logs.
        public var traceParent: String?

        /// The defaults.
        public init() {}
    }

    private let rpc: RPCClient
    private let loop: EventLoop

    static let authService = "authd.v1.AuthService"
    static let healthService = "grpc.health.v1.Health"

    /// - Parameters:
    ///   - address: `unix:PATH`, `tls:HOST:PORT`, or `tcp:HOST:PORT` on this machine. Not connected
    ///     to before the first call.
    ///   - tls: for `tls:`.
    /// - Throws: `AuthClientError.unreachable` if the address can't be used, `.untrusted` if the
    ///   files of `tls` can't.
    public init(address: String, tls: TLSOptions = TLSOptions()) throws(AuthClientError) {
        let parsed: SocketAddress
        do throws(TransportError) {
            parsed = try SocketAddress(parsing: address)
        } catch {
            throw .unreachable("\(error)")
        }
        let context = try tls.context(for: parsed)
        do throws(TransportError) {
            loop = try AuthClient.makeLoop()
            var limits = RPCClientLimits()
            // A person or a service is waiting: better to report quickly that nobody is there.
            limits.connectAttemptsMax = 3
            rpc = RPCClient(address: parsed, tls: context, loop: loop, limits: limits)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private static func makeLoop() throws(TransportError) -> EventLoop {
        do {
            return try EventLoop(label: "authd.client")
        } catch {
            throw .system(
                call: error.call, subject: "the client's event loop", code: error.code)
        }
    }

    /// Closes the connection. Waiting calls fail, and so do all later ones.
    public func close() async {
        await rpc.close()
        await loop.shutdown()
    }

    func call<Request: ProtobufMessage, Response: ProtobufMessage>(
        _ method: String, _ request: Request, service: String = AuthClient.authService,
        accessToken: Secret? = nil, options: CallOptions
    ) async throws(AuthClientError) -> Response {
        let payload: SecretBytes
        do {
            payload = try request.encoded()
        } catch {
            throw .unsendable(
                error == .embeddedNUL
                    ? "a text in it holds a NUL character" : "the request is too large")
        }
        let answer: SecretBytes
        do throws(RPCClientError) {
            answer = try await rpc.call(
                service: service, method: method, payload: payload,
                metadata: metadata(accessToken, options), timeout: options.timeout)
        } catch {
            throw AuthClientError(error)
        }
        do {
            return try Response(decoding: answer)
        } catch {
            throw .protocolViolation("the answer to \(method) can't be decoded: \(error)")
        }
    }

    private func metadata(_ accessToken: Secret?, _ options: CallOptions) -> [MetadataPair] {
        var pairs: [MetadataPair] = []
        if let accessToken {
            let text = accessToken.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            pairs.append(MetadataPair(key: "authorization", value: "Bearer " + text))
        }
        let others = [
            ("x-client-name", options.clientName), ("x-client-address", options.clientAddress),
            ("traceparent", options.traceParent),
        ]
        for (key, value) in others {
            if let value { pairs.append(MetadataPair(key: key, value: value)) }
        }
        return pairs
    }
}
