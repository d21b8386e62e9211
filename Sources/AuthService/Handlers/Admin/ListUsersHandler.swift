import AuthCore
import AuthMessages
import Bytes

/// `AdminService.ListUsers`: all accounts, a page at a time.
struct ListUsersHandler: UnaryHandler {
    static let method = "ListUsers"
    static let auditName = "AdminListUsers"

    let authenticator: Authenticator

    func handle(
        _ request: ListUsersRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ListUsersResponse {
        let page = try await authenticator.accounts(
            after: request.pageToken.isEmpty ? nil : request.pageToken,
            count: request.pageSize == 0
                ? Authenticator.pageAccounts : Int(request.pageSize),
            context: call.context)
        var response = ListUsersResponse()
        response.users = page.accounts.map { User($0) }
        if let next = page.next { response.nextPageToken = next }
        return response
    }
}
