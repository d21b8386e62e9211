import AuthCore
import AuthMessages

/// `ListSessions`: the user's live sessions.
struct ListSessionsHandler: UnaryHandler {
    static let method = "ListSessions"

    let authenticator: Authenticator

    func handle(
        _ request: ListSessionsRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ListSessionsResponse {
        let sessions = try await authenticator.sessions(
            accessToken: try call.accessToken(), context: call.context)
        var response = ListSessionsResponse()
        response.sessions = sessions.map { AuthMessages.Session($0) }
        return response
    }
}
