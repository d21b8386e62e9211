import Bytes

/// `google.rpc.Status`: `{ int32 code = 1; string message = 2; repeated Any details = 3; }`.
package struct RPCStatus: Equatable, Sendable {
    package var code: RPCCode
    /// For developers, without secrets or internals.
    package var message: String
    package var details: [StatusDetail]

    package init(code: RPCCode, message: String = "", details: [StatusDetail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// Decodes an encoded `Status`.
    ///
    /// - Throws: `EnvelopeError` for what is not protobuf or not UTF-8.
    package init(decoding message: UnsafeRawBufferPointer) throws(EnvelopeError) {
        self.init(code: .ok)
        var reader = WireReader(message)
        while !reader.isAtEnd {
            let (number, type) = try reader.field()
            switch number {
            // An int32 is truncated to its low 32 bits, as in every protobuf library.
            case 1: code = RPCCode(wire: Int32(truncatingIfNeeded: try reader.number(type)))
            case 2: self.message = try RPCStatus.text(reader.bytes(type))
            case 3: details.append(try RPCStatus.detail(reader.bytes(type)))
            default: try reader.skip(type)
            }
        }
    }

    /// Bytes of the encoded message.
    package var byteCount: Int {
        var count =
            WireWriter.varintFieldByteCount(UInt64(code.rawValue))
            + WireWriter.bytesFieldByteCount(message.utf8.count)
        for detail in details {
            let entry = RPCStatus.byteCount(detail)
            count += 1 + WireWriter.varintByteCount(UInt64(entry)) + entry
        }
        return count
    }

    func write(to writer: inout WireWriter) {
        writer.varintField(1, UInt64(code.rawValue))
        writer.textField(2, message)
        for detail in details {
            writer.messageField(3, byteCount: RPCStatus.byteCount(detail))
            writer.textField(1, detail.typeURL)
            detail.value.withUnsafeBytes { writer.bytesField(2, $0) }
        }
    }

    private static func byteCount(_ detail: StatusDetail) -> Int {
        WireWriter.bytesFieldByteCount(detail.typeURL.utf8.count)
            + WireWriter.bytesFieldByteCount(detail.value.count)
    }

    private static func detail(
        _ message: UnsafeRawBufferPointer
    ) throws(EnvelopeError) -> StatusDetail {
        var detail = StatusDetail(typeURL: "", value: [])
        var reader = WireReader(message)
        while !reader.isAtEnd {
            let (number, type) = try reader.field()
            switch number {
            case 1: detail.typeURL = try text(reader.bytes(type))
            case 2: detail.value = Array(try reader.bytes(type))
            default: try reader.skip(type)
            }
        }
        return detail
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) throws(EnvelopeError) -> String {
        guard let text = UTF8Validation.text(bytes) else { throw .invalidText }
        return text
    }
}
