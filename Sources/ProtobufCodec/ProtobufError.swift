/// Why a message could not be read or written.
package enum ProtobufError: Error, Sendable, Equatable {
    /// The bytes are not an encoding of the message.
    case malformed
    /// The decoded form would need more memory than `ProtobufArena.bytesMax`.
    case tooLarge
    /// A text field is not UTF-8.
    case invalidUTF8
    /// A text field to be written contains a NUL character, where protobuf-c would truncate it.
    case embeddedNUL
}
