import AuthCore
import AuthMessages

/// `AdminService.GetStats`: statistics of the daemon and its store.
struct GetStatsHandler: UnaryHandler {
    static let method = "GetStats"
    static let auditName = "AdminGetStats"

    let operations: any DaemonOperations

    func handle(
        _ request: GetStatsRequest, _ call: ServiceCall
    ) async throws(AuthError) -> GetStatsResponse {
        let statistics = operations.statistics
        var response = GetStatsResponse()
        response.version = statistics.version
        response.startedAt = TimestampMessage(statistics.startedAt)
        response.store = statistics.store
        response.connections = Int64(statistics.connections)
        response.requestsTotal = Int64(clamping: statistics.requests)
        response.hashQueueDepth = Int64(statistics.hashQueueDepth)
        response.hashThreads = Int64(statistics.hashThreads)
        return response
    }
}
