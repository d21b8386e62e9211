import HTTPClient
import Storage

/// One write with everything sent for it: the same bytes on every attempt.
struct PreparedWrite: Sendable {
    let key: EntityKey
    let method: HTTPMethod
    let headers: [TableRequest.Header]
    /// The entity; nil for a delete.
    let body: [UInt8]?
    /// What a written entity's ETag carries; nil for a delete.
    let history: WriteHistory?

    /// - Parameters:
    ///   - operation: what is to be written.
    ///   - number: of the whole transaction, new for each.
    init(_ operation: EntityOperation, number: String) {
        key = operation.key
        switch operation {
        case .insert(let key, let properties):
            let history = WriteHistory(writing: number)
            method = .post
            headers = [TableRequest.Header(name: "Prefer", value: "return-no-content")]
            body = EntityCoding.encode(key, properties, history)
            self.history = history
        case .replace(let key, let properties, let etag):
            let tag = VersionTag(etag)
            let history = WriteHistory(writing: number, over: tag.history)
            method = .put
            headers = [TableRequest.Header(name: "If-Match", value: tag.service)]
            body = EntityCoding.encode(key, properties, history)
            self.history = history
        case .delete(_, let etag):
            let service = etag.map { VersionTag($0).service } ?? "*"
            method = .delete
            headers = [TableRequest.Header(name: "If-Match", value: service)]
            body = nil
            history = nil
        }
    }

    /// The caller's version of the entity that was written under `service`.
    func etag(_ service: String) -> ETag? {
        history.map { VersionTag(service, $0).etag }
    }
}
