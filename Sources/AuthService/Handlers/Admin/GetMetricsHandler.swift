import AuthCore
import AuthMessages

/// `AdminService.GetMetrics`: metrics for a monitoring system.
struct GetMetricsHandler: UnaryHandler {
    static let method = "GetMetrics"
    static let auditName = "AdminGetMetrics"

    let operations: any DaemonOperations

    func handle(
        _ request: GetMetricsRequest, _ call: ServiceCall
    ) async throws(AuthError) -> GetMetricsResponse {
        var response = GetMetricsResponse()
        response.text = operations.metrics
        return response
    }
}
