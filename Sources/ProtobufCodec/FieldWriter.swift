import Bytes
import CProtobufC

/// Fills a C message from a Swift value; what the C message points to lives in `arena`.
struct FieldWriter: FieldVisitor {
    let arena: ProtobufArena

    mutating func text(
        _ value: inout String, _ field: inout UnsafeMutablePointer<CChar>?
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        field = try copy(of: &value)
    }

    mutating func secret(
        _ value: inout SecretBytes, _ field: inout UnsafeMutablePointer<CChar>?
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        field = try copy(of: value)
    }

    mutating func bytes(
        _ value: inout [UInt8], _ field: inout ProtobufCBinaryData
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        let block = try allocate(value.count, of: UInt8.self)
        value.withUnsafeBytes {
            UnsafeMutableRawPointer(block).copyMemory(
                from: $0.baseAddress ?? UnsafeRawPointer(block), byteCount: $0.count)
        }
        field = ProtobufCBinaryData(len: value.count, data: block)
    }

    mutating func secret(
        _ value: inout SecretBytes, _ field: inout ProtobufCBinaryData
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        let block = try allocate(value.count, of: UInt8.self)
        value.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: block, count: $0.count).copyMemory(from: $0)
        }
        field = ProtobufCBinaryData(len: value.count, data: block)
    }

    mutating func integer(_ value: inout Int32, _ field: inout Int32) throws(ProtobufError) {
        field = value
    }

    mutating func integer(_ value: inout Int64, _ field: inout Int64) throws(ProtobufError) {
        field = value
    }

    mutating func boolean(
        _ value: inout Bool, _ field: inout protobuf_c_boolean
    ) throws(ProtobufError) {
        field = value ? 1 : 0
    }

    mutating func number<Enumeration: RawRepresentable<UInt32>>(
        _ value: inout UInt32, _ field: inout Enumeration
    ) throws(ProtobufError) {
        withUnsafeMutableBytes(of: &field) { $0.storeBytes(of: value, as: UInt32.self) }
    }

    mutating func message<Message: ProtobufMessage>(
        _ value: inout Message?, _ field: inout UnsafeMutablePointer<Message.CMessage>?
    ) throws(ProtobufError) {
        guard value != nil else { return }
        field = try written(&value)
    }

    mutating func messages<Message: ProtobufMessage>(
        _ value: inout [Message], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<Message.CMessage>?>?
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        let elements = try allocate(
            value.count, of: UnsafeMutablePointer<Message.CMessage>?.self)
        for index in value.indices {
            var message: Message? = value[index]
            elements[index] = try written(&message)
        }
        count = value.count
        field = elements
    }

    mutating func texts(
        _ value: inout [String], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        let elements = try allocate(value.count, of: UnsafeMutablePointer<CChar>?.self)
        for index in value.indices {
            elements[index] = try copy(of: &value[index])
        }
        count = value.count
        field = elements
    }

    mutating func secrets(
        _ value: inout [SecretBytes], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(ProtobufError) {
        guard !value.isEmpty else { return }
        let elements = try allocate(value.count, of: UnsafeMutablePointer<CChar>?.self)
        for index in value.indices {
            elements[index] = try copy(of: value[index])
        }
        count = value.count
        field = elements
    }

    private mutating func written<Message: ProtobufMessage>(
        _ message: inout Message?
    ) throws(ProtobufError) -> UnsafeMutablePointer<Message.CMessage> {
        let block = try allocate(1, of: Message.CMessage.self)
        Message.initializeC(block)
        try message?.visit(&block.pointee, &self)
        return block
    }

    private func copy(of text: inout String) throws(ProtobufError) -> UnsafeMutablePointer<CChar> {
        let count = text.utf8.count
        let block = try allocate(count + 1, of: CChar.self)
        text.withUTF8 { utf8 in
            UnsafeMutableRawBufferPointer(start: block, count: count).copyMemory(
                from: UnsafeRawBufferPointer(utf8))
        }
        return try terminated(block, count)
    }

    private func copy(of secret: SecretBytes) throws(ProtobufError) -> UnsafeMutablePointer<CChar> {
        let block = try allocate(secret.count + 1, of: CChar.self)
        secret.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: block, count: secret.count).copyMemory(from: $0)
        }
        return try terminated(block, secret.count)
    }

    /// Terminates a text with NUL; refuses one inside it, where protobuf-c would truncate the text.
    private func terminated(
        _ block: UnsafeMutablePointer<CChar>, _ count: Int
    ) throws(ProtobufError) -> UnsafeMutablePointer<CChar> {
        guard !UnsafeBufferPointer(start: block, count: count).contains(0) else {
            throw .embeddedNUL
        }
        block[count] = 0
        return block
    }

    private func allocate<Element>(
        _ count: Int, of type: Element.Type
    ) throws(ProtobufError) -> UnsafeMutablePointer<Element> {
        guard let block = arena.allocate(count * MemoryLayout<Element>.stride) else {
            throw .tooLarge
        }
        return block.bindMemory(to: type, capacity: count)
    }
}
