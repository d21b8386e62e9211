/// The names of the RPCs, as a policy may name them. A test compares them with `proto/`.
package enum ServiceMethods {
    /// Those of `authd.v1.AuthService`.
    package static let auth: Set = [
        "Register", "Login", "Refresh", "Logout", "ChangePassword", "ResetPassword", "DeleteUser",
        "VerifyToken", "GetSigningKeys", "ListSessions", "RevokeSession", "RegisterMfa",
        "VerifyMfa", "ValidateMfa", "GetMfaStatus", "DisableMfa", "RegenerateRecoveryCodes",
    ]

    /// Those of `authd.v1.AdminService`.
    package static let admin: Set = [
        "GetUser", "ListUsers", "SetUserDisabled", "UnlockUser", "IssuePasswordReset", "ResetMfa",
        "RevokeUserSessions", "DeleteUser", "ImportUser", "ExportUsers", "BackUpStore", "GetStats",
        "GetMetrics",
    ]
}
