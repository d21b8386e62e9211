import AuthMessages
import Bytes
import ProtobufCodec
import Testing

@Suite struct MessageFieldsTests {
    /// Every message of authd/v1, and the shared ones.
    private static let messages: [any ProtobufMessage.Type] = [
        RegisterRequest.self, RegisterResponse.self, LoginRequest.self, LoginResponse.self,
        TokenPair.self, RefreshRequest.self, RefreshResponse.self, LogoutRequest.self,
        LogoutResponse.self, ChangePasswordRequest.self, ChangePasswordResponse.self,
        ResetPasswordRequest.self, ResetPasswordResponse.self, DeleteUserRequest.self,
        DeleteUserResponse.self, VerifyTokenRequest.self, VerifyTokenResponse.self,
        GetSigningKeysRequest.self, GetSigningKeysResponse.self, Session.self,
        ListSessionsRequest.self, ListSessionsResponse.self, RevokeSessionRequest.self,
        RevokeSessionResponse.self, RegisterMfaRequest.self, RegisterMfaResponse.self,
        VerifyMfaRequest.self, VerifyMfaResponse.self, ValidateMfaRequest.self,
        ValidateMfaResponse.self, GetMfaStatusRequest.self, GetMfaStatusResponse.self,
        DisableMfaRequest.self, DisableMfaResponse.self, RegenerateRecoveryCodesRequest.self,
        RegenerateRecoveryCodesResponse.self, User.self, GetUserRequest.self,
        GetUserResponse.self, ListUsersRequest.self, ListUsersResponse.self,
        SetUserDisabledRequest.self, SetUserDisabledResponse.self, UnlockUserRequest.self,
        UnlockUserResponse.self, IssuePasswordResetRequest.self,
        IssuePasswordResetResponse.self, ResetMfaRequest.self, ResetMfaResponse.self,
        RevokeUserSessionsRequest.self, RevokeUserSessionsResponse.self,
        AdminDeleteUserRequest.self, AdminDeleteUserResponse.self, ImportUserRequest.self,
        ImportUserResponse.self, SealedMfa.self, ExportUsersRequest.self, ExportedUser.self,
        ExportUsersResponse.self, BackUpStoreRequest.self, BackUpStoreResponse.self,
        GetStatsRequest.self, GetStatsResponse.self, GetMetricsRequest.self,
        GetMetricsResponse.self,
        TimestampMessage.self, DurationMessage.self, ErrorInfo.self,
        ErrorInfo.MetadataEntry.self, RetryInfo.self, HealthCheckRequest.self,
        HealthCheckResponse.self,
    ]

    @Test func `Every message lists as many fields as its descriptor`() throws {
        for message in Self.messages {
            #expect(
                try FieldCounter.fields(of: message) == message.descriptorFieldCount, "\(message)")
        }
    }

    @Test func `Every message survives a round trip when it is empty`() throws {
        for message in Self.messages {
            #expect(try message.init().encoded().isEmpty, "\(message)")
            #expect(throws: Never.self) { try message.init(decoding: SecretBytes()) }
        }
    }
}
