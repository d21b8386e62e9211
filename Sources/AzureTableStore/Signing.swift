import Bytes
import HTTPClient
import Storage

/// A credential ready for use, with itself for messages.
enum Signing: Sendable {
    case signature(SharedAccessSignature, AzureCredential)
    case sharedKey(SharedKey, AzureCredential)
    case token(EntraToken, AzureCredential)

    /// The credential it was made from.
    var credential: AzureCredential {
        switch self {
        case .signature(_, let credential), .sharedKey(_, let credential),
            .token(_, let credential):
            credential
        }
    }

    /// The request as it is sent.
    ///
    /// - Parameters:
    ///   - request: what is the same each time.
    ///   - endpoint: where to.
    ///   - now: the time of `x-ms-date`.
    ///   - timeoutSeconds: how long the service may try.
    ///   - requestID: the same for every attempt of one operation.
    /// - Returns: the signed request.
    func request(
        _ request: TableRequest, to endpoint: AzureEndpoint, now: Timestamp, timeoutSeconds: Int,
        requestID: String
    ) -> HTTPRequest {
        let query = (request.query + ["timeout=\(timeoutSeconds)"]).joined(separator: "&")
        var http = HTTPRequest(request.method, "\(endpoint.base)\(request.path)?\(query)")
        let date = CivilTime(now).httpText
        http.headers = [
            ("x-ms-version", "2019-02-02"), ("x-ms-date", date), ("Date", date),
            ("DataServiceVersion", TableRequest.serviceVersion),
            ("MaxDataServiceVersion", "3.0;NetFx"), ("x-ms-client-request-id", requestID),
        ]
        http.headers += request.headers.map { ($0.name, $0.value) }
        if !request.contentType.isEmpty {
            http.headers.append(("Content-Type", request.contentType))
        }
        http.body = request.body
        switch self {
        case .signature(let signature, _):
            http.secretQuery = signature.query
        case .sharedKey(let key, _):
            let value = key.authorization(
                method: request.method.rawValue, contentType: request.contentType, date: date,
                path: endpoint.pathPrefix + request.path)
            http.secretHeaders = [("Authorization", value)]
        case .token(let token, _):
            http.secretHeaders = [("Authorization", token.authorization)]
        }
        return http
    }
}
