package import Bytes
package import CProtobufC

/// Counts the fields that a message lists, so that a test can compare them with its descriptor.
package struct FieldCounter: FieldVisitor {
    /// How many fields were listed so far.
    package private(set) var count: UInt32 = 0

    /// Counts the fields of `Message`.
    package static func fields<Message: ProtobufMessage>(
        of type: Message.Type
    ) throws(ProtobufError) -> UInt32 {
        var counter = FieldCounter()
        var message = Message()
        let c = UnsafeMutablePointer<Message.CMessage>.allocate(capacity: 1)
        defer { c.deallocate() }
        Message.initializeC(c)
        try message.visit(&c.pointee, &counter)
        return counter.count
    }

    package mutating func text(
        _ value: inout String, _ field: inout UnsafeMutablePointer<CChar>?
    ) { count += 1 }

    package mutating func secret(
        _ value: inout SecretBytes, _ field: inout UnsafeMutablePointer<CChar>?
    ) { count += 1 }

    package mutating func bytes(_ value: inout [UInt8], _ field: inout ProtobufCBinaryData) {
        count += 1
    }

    package mutating func secret(_ value: inout SecretBytes, _ field: inout ProtobufCBinaryData) {
        count += 1
    }

    package mutating func integer(_ value: inout Int32, _ field: inout Int32) { count += 1 }

    package mutating func integer(_ value: inout Int64, _ field: inout Int64) { count += 1 }

    package mutating func boolean(_ value: inout Bool, _ field: inout protobuf_c_boolean) {
        count += 1
    }

    package mutating func number<Enumeration: RawRepresentable<UInt32>>(
        _ value: inout UInt32, _ field: inout Enumeration
    ) { count += 1 }

    package mutating func message<Message: ProtobufMessage>(
        _ value: inout Message?, _ field: inout UnsafeMutablePointer<Message.CMessage>?
    ) { count += 1 }

    package mutating func messages<Message: ProtobufMessage>(
        _ value: inout [Message], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<Message.CMessage>?>?
    ) { self.count += 1 }

    package mutating func texts(
        _ value: inout [String], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) { self.count += 1 }

    package mutating func secrets(
        _ value: inout [SecretBytes], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) { self.count += 1 }
}
