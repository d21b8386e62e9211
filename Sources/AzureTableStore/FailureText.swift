import Storage

/// Turns what the table service answers into a line that tells the operator what to do.
struct FailureText {
    let endpoint: AzureEndpoint
    let table: String
    let credential: AzureCredential
    /// The local time of the response, and the `Date` in it.
    let localTime: Timestamp
    let serverTime: Timestamp?
    /// `x-ms-request-id`, with which Microsoft can find the request; empty without.
    let requestID: String

    /// The line for a failure.
    func text(_ error: ServiceError) -> String {
        let what = error.code.isEmpty ? "status \(error.status)" : "\(error.status) \(error.code)"
        let said = error.message.isEmpty ? "" : " (\(error.message))"
        let request = requestID.isEmpty ? "" : " [request \(requestID)]"
        return
            "Azure table \(table) at \(endpoint.host): \(what)\(said): \(advice(error))\(request)"
    }

    /// What to do about it.
    private func advice(_ error: ServiceError) -> String {
        switch (error.status, error.code) {
        case (403, "AuthenticationFailed"): authenticationFailed
        case (403, "AuthorizationPermissionMismatch"): permissionMismatch
        case (403, "AuthorizationResourceTypeMismatch"):
            "the account SAS needs srt=o for entities, and c to create the table; \(ours)"
        case (403, "AuthorizationServiceMismatch"):
            "the account SAS needs ss=t, the table service; \(ours)"
        case (403, "AuthorizationFailure"):
            """
            the SAS is limited to other keys (spk to erk), its stored policy was revoked, or the \
            network rules of the storage account keep this machine out; \(ours)
            """
        case (403, "AuthorizationProtocolMismatch"):
            "the SAS is for https only (spr), but the endpoint is http; \(ours)"
        case (403, "AuthorizationSourceIPMismatch"):
            "the SAS is limited to addresses (sip) other than this machine's; \(ours)"
        case (403, "KeyBasedAuthenticationNotPermitted"):
            """
            the storage account allows neither keys nor SAS; unset SAS_TOKEN and give this machine \
            an identity with the role Storage Table Data Contributor
            """
        case (403, "InsufficientAccountPermissions"):
            "the endpoint is read-only, as a secondary is; use the primary one"
        case (401, _):
            """
            the token is missing, expired, or from another tenant; check AZURE_TENANT_ID and \
            AZURE_CLIENT_ID; \(ours)
            """
        case (404, "TableNotFound"):
            "there is no such table; create it, or let the daemon do so (AUTHD_AZURE_CREATE_TABLE)"
        case (409, "TableBeingDeleted"):
            "the table is being deleted; wait a minute, or use another name (USERS_TABLE_NAME)"
        case (429, _), (503, _): "the service is busy, or limits this account or partition"
        case (408, _), (500..., _): "the service failed; it usually recovers by itself"
        case (403, _): "access is refused; \(ours)"
        case (404, _), (405, _), (400, ""), (200..<400, _):
            "whatever answers there is not a table service; check ENDPOINT"
        default: "the service refuses the request; this is a bug in authd or the service"
        }
    }

    private var authenticationFailed: String {
        var parts = ["the key or SAS is wrong, altered, expired or not yet valid"]
        if let serverTime {
            let skew = localTime.since(serverTime).components.seconds
            parts.append(
                "the time is \(CivilTime(localTime).httpText) here, "
                    + "\(CivilTime(serverTime).httpText) there, \(abs(skew)) s apart")
            if abs(skew) > 60 { parts.append("correct this machine's clock") }
        }
        if case .signature(let signature) = credential {
            if let problem = SignatureDates.problem(signature, at: serverTime ?? localTime) {
                parts.append(problem)
            }
        }
        parts.append(ours)
        return parts.joined(separator: "; ")
    }

    private var permissionMismatch: String {
        switch credential {
        case .identity:
            """
            the identity needs the role Storage Table Data Contributor on the account or table \
            (Owner is not enough), which may take 30 minutes to take effect; \(ours)
            """
        case .signature, .sharedKey:
            "the SAS needs sp with r, a, u and d (and c, srt=c, to create the table); \(ours)"
        }
    }

    private var ours: String { "used: \(credential.summary)" }
}
