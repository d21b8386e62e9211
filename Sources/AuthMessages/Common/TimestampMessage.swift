package import CAuthdProto
package import ProtobufCodec

/// `google.protobuf.Timestamp`: a moment in UTC.
package struct TimestampMessage: ProtobufMessage {
    /// Seconds since 1970-01-01T00:00:00Z.
    package var seconds: Int64 = 0
    /// 0 to 999,999,999 nanoseconds more.
    package var nanoseconds: Int32 = 0

    package init() {}

    /// - Parameter microseconds: since 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) {
        let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        self.seconds = rest < 0 ? seconds - 1 : seconds
        nanoseconds = Int32(rest < 0 ? rest + 1_000_000 : rest) * 1000
    }

    package static let initializeC:
        @Sendable (UnsafeMutablePointer<Google__Protobuf__Timestamp>?) -> Void =
            google__protobuf__timestamp__init

    package mutating func visit(
        _ c: inout Google__Protobuf__Timestamp, _ field: inout some FieldVisitor
    ) throws(ProtobufError) {
        try field.integer(&seconds, &c.seconds)
        try field.integer(&nanoseconds, &c.nanos)
    }
}
