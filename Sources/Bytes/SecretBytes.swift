import Glibc

/// Bytes that must not outlive their use: a password, a key, a token.
///
/// The storage is one heap block that is overwritten with zeros when the last copy goes. A value
/// prints as `<N secret bytes>`, and `==` takes the same time wherever two values differ. Copies
/// share the block; there is no way to change it after `init`.
///
/// `@unchecked Sendable`: the block is written before `init` returns and only read after, until its
/// `deinit`, which runs once, when nobody else holds it.
package struct SecretBytes: @unchecked Sendable {
    private let storage: Storage

    /// No bytes.
    package init() {
        storage = Storage.empty
    }

    /// A copy of `bytes`. The caller wipes its own.
    package init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A copy of `bytes`. Meant for values that were never secret before (random keys, tests).
    package init(_ bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        self = array.withUnsafeBytes { SecretBytes(copying: $0) }
    }

    /// The UTF-8 form of `text`. The string itself can't be wiped.
    package init(utf8 text: String) {
        var text = text
        self = text.withUTF8 { SecretBytes(copying: UnsafeRawBufferPointer($0)) }
    }

    /// `count` bytes, zero until `initialize` fills them in place.
    ///
    /// - Parameters:
    ///   - count: how many bytes; zero or more.
    ///   - initialize: fills the block; when it throws, the block is wiped and freed.
    /// - Throws: what `initialize` throws.
    package init<Failure: Error>(
        count: Int, initialize: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        storage = count > 0 ? Storage.make(count: count) : Storage.empty
        try initialize(storage.mutableBytes)
    }

    /// The number of bytes.
    package var count: Int { storage.count }

    /// Whether there are none.
    package var isEmpty: Bool { storage.count == 0 }

    /// Calls `body` with the bytes, valid for the call only.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(storage.mutableBytes))
    }

    /// A copy of `count` bytes from `offset` on; both must lie inside.
    package func slice(from offset: Int, count: Int) -> SecretBytes {
        withUnsafeBytes {
            SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count]))
        }
    }
}

extension SecretBytes: Equatable {
    /// Equality in time that depends only on the counts.
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in constantTimeEqual(left, right) }
        }
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<\(count) secret bytes>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension SecretBytes {
    /// One heap block: a count followed by that many bytes.
    private final class Storage: ManagedBuffer<Int, UInt8> {
        /// Unsafe in name only: it has no bytes to write.
        nonisolated(unsafe) static let empty = make(count: 0)

        static func make(count: Int) -> Storage {
            let buffer = Storage.create(minimumCapacity: count) { buffer in
                buffer.withUnsafeMutablePointerToElements {
                    $0.initialize(repeating: 0, count: count)
                }
                return count
            }
            return unsafeDowncast(buffer, to: Storage.self)
        }

        // Through the pointer: a class's stored property is watched for conflicting access, which
        // this one, never written again, need not be.
        var count: Int { withUnsafeMutablePointerToHeader { $0.pointee } }

        var mutableBytes: UnsafeMutableRawBufferPointer {
            withUnsafeMutablePointers {
                UnsafeMutableRawBufferPointer(start: $1, count: $0.pointee)
            }
        }

        deinit {
            wipe(mutableBytes)
        }
    }
}
