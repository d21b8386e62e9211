/// What a frame carries. Numbers without a name here are skipped.
package struct MessageType: RawRepresentable, Equatable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A `Request` envelope, from the client.
    package static var request: MessageType { MessageType(rawValue: 1) }
    /// A `Response` envelope, from the server.
    package static var response: MessageType { MessageType(rawValue: 2) }
}
