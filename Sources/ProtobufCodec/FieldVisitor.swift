package import Bytes
package import CProtobufC

/// Visits the fields of a message, each a Swift value with its C counterpart.
///
/// `FieldReader` copies C to Swift, `FieldWriter` Swift to C, `FieldCounter` counts. A message
/// lists its fields once, in `ProtobufMessage.visit`, and all three use that list.
package protocol FieldVisitor {
    /// A `string` field.
    mutating func text(
        _ value: inout String, _ field: inout UnsafeMutablePointer<CChar>?
    ) throws(ProtobufError)

    /// A `string` field that holds a secret. UTF-8 is checked as for `text`.
    mutating func secret(
        _ value: inout SecretBytes, _ field: inout UnsafeMutablePointer<CChar>?
    ) throws(ProtobufError)

    /// A `bytes` field.
    mutating func bytes(
        _ value: inout [UInt8], _ field: inout ProtobufCBinaryData
    ) throws(ProtobufError)

    /// A `bytes` field that holds a secret.
    mutating func secret(
        _ value: inout SecretBytes, _ field: inout ProtobufCBinaryData
    ) throws(ProtobufError)

    /// An `int32` field.
    mutating func integer(_ value: inout Int32, _ field: inout Int32) throws(ProtobufError)

    /// An `int64` field.
    mutating func integer(_ value: inout Int64, _ field: inout Int64) throws(ProtobufError)

    /// A `bool` field.
    mutating func boolean(
        _ value: inout Bool, _ field: inout protobuf_c_boolean
    ) throws(ProtobufError)

    /// An enum field, as its number.
    mutating func number<Enumeration: RawRepresentable<UInt32>>(
        _ value: inout UInt32, _ field: inout Enumeration
    ) throws(ProtobufError)

    /// A field of a message type; nil when it is absent.
    mutating func message<Message: ProtobufMessage>(
        _ value: inout Message?, _ field: inout UnsafeMutablePointer<Message.CMessage>?
    ) throws(ProtobufError)

    /// A `repeated` field of a message type.
    mutating func messages<Message: ProtobufMessage>(
        _ value: inout [Message], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<Message.CMessage>?>?
    ) throws(ProtobufError)

    /// A `repeated string` field.
    mutating func texts(
        _ value: inout [String], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(ProtobufError)

    /// A `repeated string` field that holds secrets.
    mutating func secrets(
        _ value: inout [SecretBytes], _ count: inout Int,
        _ field: inout UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) throws(ProtobufError)
}
