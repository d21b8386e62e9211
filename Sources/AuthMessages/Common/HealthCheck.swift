package import CAuthdProto
package import ProtobufCodec

/// The request of `grpc.health.v1.Health.Check`.
package struct HealthCheckRequest: ProtobufMessage {
    /// Empty for the whole daemon, or the full name of one of its services.
    package var service = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Grpc__Health__V1__HealthCheckRequest>?) -> Void =
            grpc__health__v1__health_check_request__init

    package mutating func visit(
        _ c: inout Grpc__Health__V1__HealthCheckRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&service, &c.service)
    }
}

/// The response of `grpc.health.v1.Health.Check`.
package struct HealthCheckResponse: ProtobufMessage {
    /// `ServingStatus`: 1 serving, 2 not serving.
    package var status: UInt32 = 0

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Grpc__Health__V1__HealthCheckResponse>?) -> Void =
            grpc__health__v1__health_check_response__init

    package mutating func visit(
        _ c: inout Grpc__Health__V1__HealthCheckResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.number(&status, &c.status)
    }
}
