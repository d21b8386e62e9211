/// A `Response { google.rpc.Status status = 1; bytes payload = 2; }`.
package struct ResponseEnvelope {
    /// nil when the call succeeded: a status of OK means the same as none.
    package private(set) var status: RPCStatus?
    /// A view into the frame it was decoded from.
    package private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Decodes `message`, the data of a response frame.
    ///
    /// - Throws: `EnvelopeError`.
    package init(decoding message: UnsafeRawBufferPointer) throws(EnvelopeError) {
        var reader = WireReader(message)
        while !reader.isAtEnd {
            let (number, type) = try reader.field()
            switch number {
            case 1:
                let decoded = try RPCStatus(decoding: reader.bytes(type))
                status = decoded.code == .ok ? nil : decoded
            case 2: payload = try reader.bytes(type)
            default: try reader.skip(type)
            }
        }
    }

    static func byteCount(payloadCount: Int) -> Int {
        WireWriter.bytesFieldByteCount(payloadCount)
    }

    static func write(payload: UnsafeRawBufferPointer, to writer: inout WireWriter) {
        writer.bytesField(2, payload)
    }

    static func byteCount(status: RPCStatus) -> Int {
        let count = status.byteCount
        return 1 + WireWriter.varintByteCount(UInt64(count)) + count
    }

    static func write(status: RPCStatus, to writer: inout WireWriter) {
        writer.messageField(1, byteCount: status.byteCount)
        status.write(to: &writer)
    }
}
