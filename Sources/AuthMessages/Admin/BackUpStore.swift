package import CAuthdProto
package import ProtobufCodec

/// The request of `AdminService.BackUpStore`.
package struct BackUpStoreRequest: ProtobufMessage {
    /// The name of the new file.
    package var name = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__BackUpStoreRequest>?) -> Void =
            authd__v1__back_up_store_request__init

    package mutating func visit(
        _ c: inout Authd__V1__BackUpStoreRequest, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&name, &c.name)
    }
}

/// The response of `AdminService.BackUpStore`.
package struct BackUpStoreResponse: ProtobufMessage {
    /// Its location on the daemon's machine.
    package var path = ""

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Authd__V1__BackUpStoreResponse>?) -> Void =
            authd__v1__back_up_store_response__init

    package mutating func visit(
        _ c: inout Authd__V1__BackUpStoreResponse, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&path, &c.path)
    }
}
