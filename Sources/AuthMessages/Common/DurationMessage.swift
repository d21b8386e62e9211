package import CAuthdProto
package import ProtobufCodec

/// `google.protobuf.Duration`: a span of time.
package struct DurationMessage: ProtobufMessage {
    /// Whole seconds.
    package var seconds: Int64 = 0
    /// 0 to 999,999,999 nanoseconds more.
    package var nanoseconds: Int32 = 0

    package init() {}

    /// - Parameter duration: zero or more.
    package init(_ duration: Duration) {
        seconds = duration.components.seconds
        nanoseconds = Int32(duration.components.attoseconds / 1_000_000_000)
    }

    /// The span as a Swift duration.
    package var duration: Duration { .seconds(seconds) + .nanoseconds(Int64(nanoseconds)) }

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Google__Protobuf__Duration>?) -> Void =
            google__protobuf__duration__init

    package mutating func visit(
        _ c: inout Google__Protobuf__Duration, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.integer(&seconds, &c.seconds)
        try field.integer(&nanoseconds, &c.nanos)
    }
}
