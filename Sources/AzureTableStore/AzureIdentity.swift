package import Bytes
import HTTPClient

/// An identity of Microsoft Entra, and where this machine gets tokens for it.
package enum AzureIdentity: Sendable, Equatable {
    /// The metadata service of a virtual machine; `clientID` names one of several identities.
    case virtualMachine(clientID: String?)
    /// App Service and Container Apps: an address and a secret in the environment.
    case appService(endpoint: String, header: SecretBytes, clientID: String?)
    /// Kubernetes: a token of the cluster in a file, exchanged for one of Entra.
    case workload(tenantID: String, clientID: String, tokenFile: String, authority: String)

    /// What tokens are for.
    static let resource = "https://storage.azure.com"
    /// The authority of the public cloud.
    package static let publicAuthority = "https://login.microsoftonline.com"

    /// For the log.
    package var summary: String {
        switch self {
        case .virtualMachine(let clientID):
            "the managed identity of this machine" + AzureIdentity.named(clientID)
        case .appService(_, _, let clientID):
            "the managed identity of this App Service" + AzureIdentity.named(clientID)
        case .workload(let tenantID, let clientID, _, _):
            "the workload identity \(clientID) of the tenant \(tenantID)"
        }
    }

    /// How often a token is requested, and over how long: the metadata service may take 70 seconds
    /// to come back from an update (its 410), and needs a moment after the machine's start (404).
    var statusesToRetry: Set<Int> {
        switch self {
        case .virtualMachine: [404, 410, 429, 500, 502, 503, 504]
        case .appService, .workload: [429, 500, 502, 503, 504]
        }
    }

    /// The request for a token.
    ///
    /// - Parameter assertion: what the token file of a workload identity holds; unused elsewhere.
    /// - Returns: the request.
    func tokenRequest(assertion: SecretBytes) -> HTTPRequest {
        let resource = PercentEncoding.encode(AzureIdentity.resource)
        switch self {
        case .virtualMachine(let clientID):
            var request = HTTPRequest(
                .get,
                "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
                    + "&resource=\(resource)" + AzureIdentity.parameter(clientID))
            request.headers = [("Metadata", "true"), ("Accept", "application/json")]
            request.bypassesProxy = true
            return request
        case .appService(let endpoint, let header, let clientID):
            let separator = endpoint.contains("?") ? "&" : "?"
            var request = HTTPRequest(
                .get,
                "\(endpoint)\(separator)api-version=2019-08-01&resource=\(resource)"
                    + AzureIdentity.parameter(clientID))
            request.headers = [("Accept", "application/json")]
            request.secretHeaders = [("X-IDENTITY-HEADER", header)]
            request.bypassesProxy = true
            return request
        case .workload(let tenantID, let clientID, _, let authority):
            var request = HTTPRequest(
                .post, "\(authority)/\(PercentEncoding.encode(tenantID))/oauth2/v2.0/token")
            request.headers = [
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Accept", "application/json"),
            ]
            let text = assertion.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let fields = [
                ("grant_type", "client_credentials"), ("client_id", clientID),
                ("scope", "\(AzureIdentity.resource)/.default"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", text),
            ]
            request.body = SecretBytes(
                utf8: fields.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }
                    .joined(separator: "&"))
            return request
        }
    }

    private static func parameter(_ clientID: String?) -> String {
        clientID.map { "&client_id=\(PercentEncoding.encode($0))" } ?? ""
    }

    private static func named(_ clientID: String?) -> String {
        clientID.map { " (\($0))" } ?? ""
    }
}
