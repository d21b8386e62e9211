package import CAuthdProto
package import ProtobufCodec

/// `google.rpc.ErrorInfo`: why a call failed, for programs.
package struct ErrorInfo: ProtobufMessage {
    /// How the detail is named in a status.
    package static let typeURL = "type.googleapis.com/google.rpc.ErrorInfo"

    /// UPPER_SNAKE_CASE; see `ErrorReason`.
    package var reason = ""
    /// Always `authd`.
    package var domain = ""
    /// More about it, such as the rules that a password failed.
    package var metadata: [MetadataEntry] = []

    package init() {}

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Google__Rpc__ErrorInfo>?) -> Void =
            google__rpc__error_info__init

    package mutating func visit(
        _ c: inout Google__Rpc__ErrorInfo, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.text(&reason, &c.reason)
        try field.text(&domain, &c.domain)
        try field.messages(&metadata, &c.n_metadata, &c.metadata)
    }

    /// One pair of the map.
    package struct MetadataEntry: ProtobufMessage {
        /// Unique in the map.
        package var key = ""
        /// The key's value.
        package var value = ""

        package init() {}

        package static let initializeC:
            @Sendable (UnsafeMutablePointer<Google__Rpc__ErrorInfo__MetadataEntry>?) -> Void =
                google__rpc__error_info__metadata_entry__init

        package mutating func visit(
            _ c: inout Google__Rpc__ErrorInfo__MetadataEntry, _ field: inout some FieldVisitor
        ) throws(ProtobufError) {
            try field.text(&key, &c.key)
            try field.text(&value, &c.value)
        }
    }
}
