import AuthCore
import AuthMessages

/// `AdminService.ImportUser`: adds an account with a password hash.
struct ImportUserHandler: UnaryHandler {
    static let method = "ImportUser"
    static let auditName = "AdminImportUser"

    let authenticator: Authenticator

    func handle(
        _ request: ImportUserRequest, _ call: ServiceCall
    ) async throws(AuthError) -> ImportUserResponse {
        let outcome = try await authenticator.importAccount(
            try PortableAccount(request), isDryRun: request.dryRun, context: call.context)
        var response = ImportUserResponse()
        response.userID = outcome.userID ?? ""
        response.alreadyThere = outcome.wasThere
        return response
    }
}
