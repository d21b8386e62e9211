package import Bytes
import CProtobufC

/// A protobuf message as a plain Swift value, with one list of its fields.
package protocol ProtobufMessage: Sendable {
    /// protoc-c's struct of the message.
    associatedtype CMessage

    /// The message with all fields at their defaults.
    init()

    /// protoc-c's function that fills a struct with defaults. It also leads to the descriptor.
    static var initializeC: @Sendable (UnsafeMutablePointer<CMessage>?) -> Void { get }

    /// Passes each field to `field`, with its counterpart in `c`.
    ///
    /// - Throws: what the visitor throws for a field.
    mutating func visit(
        _ c: inout CMessage, _ field: inout some FieldVisitor
    ) throws(ProtobufError)
}

extension ProtobufMessage {
    /// Reads the wire form (proto3). Unknown fields are skipped.
    ///
    /// - Throws: `.malformed`, `.invalidUTF8`, `.tooLarge`.
    package init(decoding payload: UnsafeRawBufferPointer) throws(ProtobufError) {
        self = try Self.withArena { arena throws(ProtobufError) in
            try Self.decode(payload, in: arena)
        }
    }

    /// Reads the wire form (proto3). Unknown fields are skipped.
    ///
    /// - Throws: `.malformed`, `.invalidUTF8`, `.tooLarge`.
    package init(decoding payload: SecretBytes) throws(ProtobufError) {
        self = try payload.withUnsafeBytes { bytes throws(ProtobufError) in
            try Self(decoding: bytes)
        }
    }

    /// The wire form (proto3).
    ///
    /// - Throws: `.embeddedNUL`, `.tooLarge`.
    package func encoded() throws(ProtobufError) -> SecretBytes {
        var message = self
        return try Self.withArena { arena throws(ProtobufError) in
            try Self.withCMessage { c throws(ProtobufError) in
                var writer = FieldWriter(arena: arena)
                try message.visit(&c.pointee, &writer)
                let base = UnsafeRawPointer(c).assumingMemoryBound(to: ProtobufCMessage.self)
                let count = protobuf_c_message_get_packed_size(base)
                return SecretBytes(count: count) { bytes in
                    _ = protobuf_c_message_pack(base, bytes.baseAddress)
                }
            }
        }
    }

    /// How many fields there are according to the generated code.
    package static var descriptorFieldCount: UInt32 {
        descriptor.pointee.n_fields
    }

    private static func decode(
        _ payload: UnsafeRawBufferPointer, in arena: ProtobufArena
    ) throws(ProtobufError) -> Self {
        let start = payload.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let unpacked = arena.withAllocator {
            protobuf_c_message_unpack(descriptor, $0, payload.count, start)
        }
        guard let unpacked else { throw arena.isExhausted ? .tooLarge : .malformed }
        var message = Self()
        var reader = FieldReader(arena: arena)
        let c = UnsafeMutableRawPointer(unpacked).assumingMemoryBound(to: CMessage.self)
        try message.visit(&c.pointee, &reader)
        return message
    }

    private static var descriptor: UnsafePointer<ProtobufCMessageDescriptor> {
        withCMessage { c in
            UnsafeRawPointer(c).assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor
        }
    }

    private static func withCMessage<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<CMessage>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeTemporaryAllocation(of: CMessage.self, capacity: 1) {
            buffer throws(Failure) in
            guard let c = buffer.baseAddress else {
                preconditionFailure("a temporary allocation has an address")
            }
            initializeC(c)
            return try body(c)
        }
    }

    private static func withArena<Result>(
        _ body: (ProtobufArena) throws(ProtobufError) -> Result
    ) throws(ProtobufError) -> Result {
        // A temporary allocation of more than 1 KiB would come from the heap.
        var chunk = ProtobufArena.FirstChunk(repeating: .zero)
        return try withUnsafeMutableBytes(of: &chunk) { lent throws(ProtobufError) in
            try body(ProtobufArena(lent: lent))
        }
    }
}
