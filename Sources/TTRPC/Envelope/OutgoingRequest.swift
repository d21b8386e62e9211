package import Bytes

/// A `Request` to be sent.
package struct OutgoingRequest: Sendable {
    package var service: String
    package var method: String
    package var payload: SecretBytes
    /// 0 for no time limit.
    package var timeoutNanoseconds: Int64
    package var metadata: [MetadataPair]

    package init(
        service: String, method: String, payload: SecretBytes, timeoutNanoseconds: Int64 = 0,
        metadata: [MetadataPair] = []
    ) {
        self.service = service
        self.method = method
        self.payload = payload
        self.timeoutNanoseconds = timeoutNanoseconds
        self.metadata = metadata
    }

    /// Bytes of the encoded envelope.
    package var byteCount: Int {
        var count =
            WireWriter.bytesFieldByteCount(service.utf8.count)
            + WireWriter.bytesFieldByteCount(method.utf8.count)
            + WireWriter.bytesFieldByteCount(payload.count)
            + WireWriter.varintFieldByteCount(UInt64(bitPattern: timeoutNanoseconds))
        for pair in metadata {
            let entry = OutgoingRequest.byteCount(pair)
            count += 1 + WireWriter.varintByteCount(UInt64(entry)) + entry
        }
        return count
    }

    func write(to writer: inout WireWriter) {
        writer.textField(1, service)
        writer.textField(2, method)
        payload.withUnsafeBytes { writer.bytesField(3, $0) }
        writer.varintField(4, UInt64(bitPattern: timeoutNanoseconds))
        for pair in metadata {
            writer.messageField(5, byteCount: OutgoingRequest.byteCount(pair))
            writer.textField(1, pair.key)
            writer.textField(2, pair.value)
        }
    }

    private static func byteCount(_ pair: MetadataPair) -> Int {
        WireWriter.bytesFieldByteCount(pair.key.utf8.count)
            + WireWriter.bytesFieldByteCount(pair.value.utf8.count)
    }
}
