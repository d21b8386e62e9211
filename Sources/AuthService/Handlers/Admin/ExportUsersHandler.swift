import AuthCore
import AuthMessages
import Bytes

/// `AdminService.ExportUsers`: all accounts with their hashes, a page at a time. `StoreOwnerGate` says
/// who may call it.
struct ExportUsersHandler: UnaryHandler {
    static let method = "ExportUsers"
    static let auditName = "AdminExportUsers"

    let authenticator: Authenticator

    func handle(
        _ request: ExportUsersRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ExportUsersResponse {
        let page = try await authenticator.exportedAccounts(
            after: request.pageToken.isEmpty ? nil : request.pageToken,
            count: request.pageSize == 0
                ? Authenticator.pageAccounts : Int(request.pageSize),
            context: call.context)
        var response = ExportUsersResponse()
        response.users = page.accounts.map { ExportedUser($0) }
        response.unreadableAccounts = Int32(clamping: page.unreadableCount)
        if let next = page.next { response.nextPageToken = next }
        return response
    }
}
