package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.GetStats`.
package struct GetStatsRequest: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetStatsRequest>?) -> Void =
            authd__v1__get_stats_request__init

    package mutating func visit(
        _ c: inout Authd__V1__GetStatsRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}

/// The response of `AdminService.GetStats`.
package struct GetStatsResponse: ProtobufMessage {
    /// Release of the daemon.
    package var version = ""
    /// `started_at`
    package var startedAt: TimestampMessage?
    /// "sqlite", "azure" or "memory".
    package var store = ""
    /// `connections`
    package var connections: Int64 = 0
    /// `requests_total`
    package var requestsTotal: Int64 = 0
    /// Hashes now waiting for a thread.
    package var hashQueueDepth: Int64 = 0
    /// `hash_threads`
    package var hashThreads: Int64 = 0

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetStatsResponse>?) -> Void =
            authd__v1__get_stats_response__init

    package mutating func visit(
        _ c: inout Authd__V1__GetStatsResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&version, &c.version)
        try field.message(&startedAt, &c.started_at)
        try field.text(&store, &c.store)
        try field.integer(&connections, &c.connections)
        try field.integer(&requestsTotal, &c.requests_total)
        try field.integer(&hashQueueDepth, &c.hash_queue_depth)
        try field.integer(&hashThreads, &c.hash_threads)
    }
}
