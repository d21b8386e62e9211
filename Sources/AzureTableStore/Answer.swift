import HTTPClient

/// An interpreted response.
struct Answer: Sendable {
    let response: HTTPResponse
    let verdict: Verdict
    /// What the service says about a failure; nil when there is none.
    let error: ServiceError?
    /// The versions of what was written, in the order of the writes; nil for a delete.
    let etags: [String?]

    /// The answer to a read.
    init(_ response: HTTPResponse) {
        let error = ServiceError(response)
        self.init(
            response, Verdict(status: response.status, code: error.code), error, etags: [])
    }

    /// The answer to a query that continues from a continuation token. The token did not come from a
    /// caller, so what is wrong with the request is that the service no longer knows the place.
    init(continuing response: HTTPResponse) {
        let error = ServiceError(response)
        let verdict = Verdict(status: response.status, code: error.code)
        self.init(response, response.status == 400 ? .placeUnknown : verdict, error, etags: [])
    }

    /// The answer to creating a table: succeeds too if another daemon was first.
    init(creating response: HTTPResponse) {
        let error = ServiceError(response)
        let isThere = response.status == 409 && error.code == "TableAlreadyExists"
        let verdict = Verdict(status: response.status, code: error.code)
        self.init(response, isThere ? .alreadyExists : verdict, error, etags: [])
    }

    /// The answer to a single write.
    init(_ response: HTTPResponse, to write: PreparedWrite) {
        let error = ServiceError(response)
        let verdict = Verdict(status: response.status, code: error.code)
        let etag = response.header("etag")
        // Without the version the next write would be impossible: find out as after no answer.
        let isWhole = verdict != .done || write.history == nil || etag != nil
        self.init(response, isWhole ? verdict : .unknown, error, etags: [etag])
    }

    /// The answer to a transaction. The status of the operation that failed counts, not that of the
    /// envelope, which is 202 even then.
    init(_ response: HTTPResponse, to writes: [PreparedWrite]) {
        guard (200...299).contains(response.status) else {
            let error = ServiceError(response)
            let verdict = Verdict(status: response.status, code: error.code)
            // No operation is to blame for a faulty envelope.
            let isConflict = [.alreadyExists, .notFound, .versionMismatch].contains(verdict)
            self.init(response, isConflict ? .refused : verdict, error, etags: [])
            return
        }
        let reply = BatchReply(
            contentType: response.header("content-type") ?? "", body: response.body)
        if let failed = reply?.parts.first(where: { $0.status >= 300 }) {
            let error = ServiceError(failed)
            self.init(
                response, Verdict(status: failed.status, code: error.code), error, etags: [])
            return
        }
        let parts = reply?.parts ?? []
        let isWhole =
            parts.count == writes.count
            && zip(parts, writes).allSatisfy { $0.etag != nil || $1.history == nil }
        self.init(response, isWhole ? .done : .unknown, nil, etags: parts.map(\.etag))
    }

    private init(
        _ response: HTTPResponse, _ verdict: Verdict, _ error: ServiceError?, etags: [String?]
    ) {
        self.response = response
        self.verdict = verdict
        self.error = verdict == .done ? nil : error
        self.etags = etags
    }
}
