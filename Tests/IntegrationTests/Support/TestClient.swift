import AuthMessages
import Bytes
import DispatchBridge
import ProtobufCodec
import TTRPC
import Transport

/// Typed calls over an `RPCClient`, one connection each.
struct TestClient: Sendable {
    /// Carries the connections of all tests.
    private static let loop: EventLoop = {
        do {
            return try EventLoop(label: "integration")
        } catch {
            fatalError("no event loop: \(error)")
        }
    }()

    private let rpc: RPCClient
    private let secrets: SecretLedger

    init(
        address: SocketAddress, tls: TLSContext? = nil, limits: RPCClientLimits,
        secrets: SecretLedger
    ) {
        rpc = RPCClient(address: address, tls: tls, loop: TestClient.loop, limits: limits)
        self.secrets = secrets
    }

    func close() async { await rpc.close() }

    func call<Response: ProtobufMessage>(
        _ method: String, _ request: some ProtobufMessage, as type: Response.Type,
        token: SecretBytes? = nil, service: String = "authd.v1.AuthService",
        saying pairs: [MetadataPair] = []
    ) async throws(RPCClientError) -> Response {
        let metadata =
            pairs
            + (token.map {
                [MetadataPair(key: "authorization", value: "Bearer \(text(of: $0))")]
            } ?? [])
        let payload: SecretBytes
        do {
            payload = try request.encoded()
        } catch {
            throw .requestTooLarge
        }
        let answer = try await rpc.call(
            service: service, method: method, payload: payload, metadata: metadata)
        do {
            return try Response(decoding: answer)
        } catch {
            throw .invalidAnswer
        }
    }

    @discardableResult
    func register(
        _ email: String, _ password: String
    ) async throws(RPCClientError) -> RegisterResponse {
        secrets.note(password: password)
        var request = RegisterRequest()
        request.email = email
        request.password = SecretBytes(utf8: password)
        return try await call("Register", request, as: RegisterResponse.self)
    }

    func login(
        _ email: String, _ password: String, saying pairs: [MetadataPair] = []
    ) async throws(RPCClientError) -> Login {
        secrets.note(password: password)
        let request = LoginRequest(email, password)
        let response = try await call("Login", request, as: LoginResponse.self, saying: pairs)
        return try login(response.tokens, response.sessionID, response.userID)
    }

    func refresh(_ token: SecretBytes) async throws(RPCClientError) -> Login {
        var request = RefreshRequest()
        request.refreshToken = token
        let response = try await call("Refresh", request, as: RefreshResponse.self)
        return try login(response.tokens, response.sessionID, response.userID)
    }

    @discardableResult
    func verify(_ token: SecretBytes) async throws(RPCClientError) -> VerifyTokenResponse {
        var request = VerifyTokenRequest()
        request.accessToken = token
        return try await call("VerifyToken", request, as: VerifyTokenResponse.self)
    }

    func changePassword(
        _ token: SecretBytes, from current: String, to new: String
    ) async throws(RPCClientError) {
        secrets.note(password: current)
        secrets.note(password: new)
        var request = ChangePasswordRequest()
        request.currentPassword = SecretBytes(utf8: current)
        request.newPassword = SecretBytes(utf8: new)
        _ = try await call(
            "ChangePassword", request, as: ChangePasswordResponse.self, token: token)
    }

    func deleteUser(_ token: SecretBytes, _ password: String) async throws(RPCClientError) {
        var request = DeleteUserRequest()
        request.password = SecretBytes(utf8: password)
        _ = try await call("DeleteUser", request, as: DeleteUserResponse.self, token: token)
    }

    func logout(_ token: SecretBytes, all: Bool = false) async throws(RPCClientError) {
        var request = LogoutRequest()
        request.allSessions = all
        _ = try await call("Logout", request, as: LogoutResponse.self, token: token)
    }

    func sessions(_ token: SecretBytes) async throws(RPCClientError) -> [Session] {
        try await call(
            "ListSessions", ListSessionsRequest(), as: ListSessionsResponse.self, token: token
        ).sessions
    }

    /// The JWK Set as it came.
    func signingKeys() async throws(RPCClientError) -> String {
        try await call("GetSigningKeys", GetSigningKeysRequest(), as: GetSigningKeysResponse.self)
            .jwksJSON
    }

    /// Whether the daemon says that it serves.
    func health() async throws(RPCClientError) -> Bool {
        try await call(
            "Check", HealthCheckRequest(), as: HealthCheckResponse.self,
            service: "grpc.health.v1.Health"
        ).status == 1
    }

    private func login(
        _ tokens: TokenPair?, _ sessionID: String, _ userID: String
    ) throws(RPCClientError) -> Login {
        guard let tokens, !tokens.accessToken.isEmpty, !tokens.refreshToken.isEmpty else {
            throw .invalidAnswer
        }
        secrets.note(token: tokens.accessToken)
        secrets.note(token: tokens.refreshToken)
        return Login(
            access: tokens.accessToken, refresh: tokens.refreshToken, sessionID: sessionID,
            userID: userID)
    }
}

/// What Login and Refresh give.
struct Login: Sendable {
    let access: SecretBytes
    let refresh: SecretBytes
    let sessionID: String
    let userID: String
}

extension LoginRequest {
    init(_ email: String, _ password: String) {
        self.init()
        self.email = email
        self.password = SecretBytes(utf8: password)
    }
}
