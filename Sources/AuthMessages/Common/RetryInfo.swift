package import CAuthdProto
package import ProtobufCodec

/// `google.rpc.RetryInfo`: when a call that failed may be tried again.
package struct RetryInfo: ProtobufMessage {
    /// How the detail is named in a status.
    package static let typeURL = "type.googleapis.com/google.rpc.RetryInfo"

    /// At least this long.
    package var retryDelay: DurationMessage?

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Google__Rpc__RetryInfo>?) -> Void =
            google__rpc__retry_info__init

    package mutating func visit(
        _ c: inout Google__Rpc__RetryInfo, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.message(&retryDelay, &c.retry_delay)
    }
}
