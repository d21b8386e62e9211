/// A `google.protobuf.Any` of a status: one encoded message and its type's name.
package struct StatusDetail: Equatable, Sendable {
    /// `type.googleapis.com/` and the message's full name.
    package var typeURL: String
    /// The encoded message. Never a secret: it goes into error texts.
    package var value: [UInt8]

    package init(typeURL: String, value: [UInt8]) {
        self.typeURL = typeURL
        self.value = value
    }
}
