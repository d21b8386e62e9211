import Bytes
import HTTPClient

/// One request to the table service, before it is signed: what stays the same when it is resent.
struct TableRequest: Sendable, Equatable {
    var method: HTTPMethod
    /// What follows the endpoint's base, percent-encoded: `/Users(PartitionKey='a',RowKey='b')`.
    var path: String
    /// Names and percent-encoded values.
    var query: [String] = []
    /// In addition to those that every request has.
    var headers: [Header] = []
    /// Of the body; empty without one.
    var contentType = ""
    var body = SecretBytes()

    struct Header: Sendable, Equatable {
        let name: String
        let value: String
    }

    static let json = "application/json"
    /// Versions come with the entities of a query only with metadata.
    static let readAccept = "application/json;odata=minimalmetadata"
    static let writeAccept = "application/json;odata=nometadata"
    static let serviceVersion = "3.0"

    init(_ method: HTTPMethod, _ path: String) {
        self.method = method
        self.path = path
    }

    mutating func add(_ name: String, _ value: String) {
        headers.append(Header(name: name, value: value))
    }
}
