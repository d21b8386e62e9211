package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.GetMetrics`.
package struct GetMetricsRequest: ProtobufMessage {
    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetMetricsRequest>?) -> Void =
            authd__v1__get_metrics_request__init

    package mutating func visit(
        _ c: inout Authd__V1__GetMetricsRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {}
}

/// The response of `AdminService.GetMetrics`.
package struct GetMetricsResponse: ProtobufMessage {
    /// Prometheus text format.
    package var text = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__GetMetricsResponse>?) -> Void =
            authd__v1__get_metrics_response__init

    package mutating func visit(
        _ c: inout Authd__V1__GetMetricsResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&text, &c.text)
    }
}
