import Bytes

/// A password or a token: wiped when the last copy goes, and never printed.
public struct Secret: Sendable, Equatable {
    let bytes: SecretBytes

    init(_ bytes: SecretBytes) {
        self.bytes = bytes
    }

    /// The UTF-8 form of `text`. The string itself can't be wiped.
    public init(utf8 text: String) {
        bytes = SecretBytes(utf8: text)
    }

    /// A copy of `bytes`, which should be UTF-8. The caller wipes its own.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.bytes = SecretBytes(copying: bytes)
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Calls `body` with the bytes, valid for the call only.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0) }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { bytes.description }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
