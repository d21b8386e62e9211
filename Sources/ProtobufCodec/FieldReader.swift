import Bytes
import CProtobufC

/// Copies the fields of a C message, unpacked into `arena`, to a Swift value.
struct FieldReader: FieldVisitor {
    let arena: ProtobufArena

    mutating func text(
        _ value: inout String, _ field: inout UnsafeMutablePointer<CChar>?
    ) throws(ProtobufError) {
        value = try string(contents(of: field))
    }

    mutating func secret(
        _ value: inout SecretBytes, _ field: inout UnsafeMutablePointer<CChar>?
    ) throws(ProtobufError) {
        value = try secret(contents(of: field))
    }

    mutating func bytes(
        _ value: inout [UInt8], _ field: inout ProtobufCBinaryData
    ) throws(ProtobufError) {
        value = Array(UnsafeBufferPointer(start: field.data, count: field.len))
    }

    mutating func secret(
        _ value: inout SecretBytes, _ field: inout ProtobufCBinaryData
    ) throws(ProtobufError) {
        value = SecretBytes(copying: UnsafeRawBufferPointer(start: field.data, count: field.len))
    }

    mutating func integer(_ value: inout Int32, _ field: inout Int32) throws(ProtobufError) {
        value = field
    }

    mutating func integer(_ value: inout Int64, _ field: inout Int64) throws(ProtobufError) {
        value = field
    }

    mutating func boolean(
        _ value: inout Bool, _ field: inout protobuf_c_boolean
    ) throws(ProtobufError) {
        value = field != 0
    }

    mutating func number<Enumeration: RawRepresentable<UInt32>>(
        _ value: inout UInt32, _ field: inout Enumeration
    ) throws(ProtobufError) {
        // Read as memory: a number not in the enum is legal in proto3.
        value = withUnsafeBytes(of: field) { $0.load(as: UInt32.self) }
    }

    mutating func message<Message: ProtobufMessage>(
        _ value: inout Message?, _ field: inout UnsafeMutablePointer<Message.CMessage>?
    ) throws(ProtobufError) {
        guard let field else {
            value = nil
            return
        }
        var message = Message()
        try message.visit(&field.pointee, &self)
        value = message
    }

    mutating func messages<Message: ProtobufMessage>(
        _ value: inout [Message], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<Message.CMessage>?>?
    ) throws(ProtobufError) {
        var messages: [Message] = []
        messages.reserveCapacity(count)
        for element in UnsafeBufferPointer(start: field, count: field == nil ? 0 : count) {
            guard let element else { throw .malformed }
            var message = Message()
            try message.visit(&element.pointee, &self)
            messages.append(message)
        }
        value = messages
    }

    mutating func texts(
        _ value: inout [String], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(ProtobufError) {
        value = []
        for element in UnsafeBufferPointer(start: field, count: field == nil ? 0 : count) {
            value.append(try string(contents(of: element)))
        }
    }

    mutating func secrets(
        _ value: inout [SecretBytes], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(ProtobufError) {
        value = []
        for element in UnsafeBufferPointer(start: field, count: field == nil ? 0 : count) {
            value.append(try secret(contents(of: element)))
        }
    }

    /// The bytes of a text: up to the end of its block, without protobuf-c's terminating NUL.
    private func contents(of field: UnsafeMutablePointer<CChar>?) -> UnsafeBufferPointer<UInt8> {
        guard let field, let size = arena.size(of: field), size > 0 else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(field).assumingMemoryBound(to: UInt8.self), count: size - 1)
    }

    private func string(_ bytes: UnsafeBufferPointer<UInt8>) throws(ProtobufError) -> String {
        guard let text = UTF8Validation.text(UnsafeRawBufferPointer(bytes)) else {
            throw .invalidUTF8
        }
        return text
    }

    private func secret(_ bytes: UnsafeBufferPointer<UInt8>) throws(ProtobufError) -> SecretBytes {
        guard UTF8Validation.isValid(UnsafeRawBufferPointer(bytes)) else { throw .invalidUTF8 }
        return SecretBytes(copying: UnsafeRawBufferPointer(bytes))
    }
}
