package import AuthCore
package import TTRPC

/// The services of the daemon, ready for a router.
package enum AuthServices {
    /// - Parameters:
    ///   - authenticator: does the work.
    ///   - operations: does what concerns the daemon itself.
    ///   - audit: gets an event for every decision.
    ///   - believesClientAddress: whether a peer's `x-client-address` is trusted.
    /// - Returns: `AuthService`, `AdminService` and `Health`. `CallerDoor` keeps callers who are
    ///   not administrators out of `AdminService`.
    package static func make(
        authenticator: Authenticator, operations: any DaemonOperations, audit: any AuditSink,
        believesClientAddress: @escaping @Sendable (PeerIdentity) -> Bool
    ) -> [RPCService] {
        let adapter = HandlerAdapter(
            audit: audit, believesClientAddress: believesClientAddress)
        return [
            RPCService(
                name: ServiceNames.auth,
                methods: [
                    adapter.method(RegisterHandler(authenticator: authenticator)),
                    adapter.method(LoginHandler(authenticator: authenticator)),
                    adapter.method(RefreshHandler(authenticator: authenticator)),
                    adapter.method(LogoutHandler(authenticator: authenticator)),
                    adapter.method(ChangePasswordHandler(authenticator: authenticator)),
                    adapter.method(ResetPasswordHandler(authenticator: authenticator)),
                    adapter.method(DeleteUserHandler(authenticator: authenticator)),
                    VerifyTokenHandler(authenticator: authenticator).method(adapter),
                    adapter.method(GetSigningKeysHandler(authenticator: authenticator)),
                    adapter.method(ListSessionsHandler(authenticator: authenticator)),
                    adapter.method(RevokeSessionHandler(authenticator: authenticator)),
                    adapter.method(RegisterMfaHandler(authenticator: authenticator)),
                    adapter.method(VerifyMfaHandler(authenticator: authenticator)),
                    adapter.method(ValidateMfaHandler(authenticator: authenticator)),
                    adapter.method(GetMfaStatusHandler(authenticator: authenticator)),
                    adapter.method(DisableMfaHandler(authenticator: authenticator)),
                    adapter.method(RegenerateRecoveryCodesHandler(authenticator: authenticator)),
                ]),
            RPCService(
                name: ServiceNames.admin,
                methods: administration(authenticator, operations, adapter)),
            RPCService(
                name: ServiceNames.health,
                methods: [HealthHandler(authenticator: authenticator).method]),
        ]
    }

    private static func administration(
        _ authenticator: Authenticator, _ operations: any DaemonOperations,
        _ adapter: HandlerAdapter
    ) -> [RPCMethod] {
        [
            adapter.method(GetUserHandler(authenticator: authenticator)),
            adapter.method(ListUsersHandler(authenticator: authenticator)),
            adapter.method(SetUserDisabledHandler(authenticator: authenticator)),
            adapter.method(UnlockUserHandler(authenticator: authenticator)),
            adapter.method(IssuePasswordResetHandler(authenticator: authenticator)),
            adapter.method(ResetMfaHandler(authenticator: authenticator)),
            adapter.method(RevokeUserSessionsHandler(authenticator: authenticator)),
            adapter.method(AdminDeleteUserHandler(authenticator: authenticator)),
            adapter.method(ImportUserHandler(authenticator: authenticator)),
            adapter.method(ExportUsersHandler(authenticator: authenticator)),
            adapter.method(BackUpStoreHandler(operations: operations)),
            adapter.method(GetStatsHandler(operations: operations)),
            adapter.method(GetMetricsHandler(operations: operations)),
        ]
    }
}
