import Bytes

/// Bytes waiting to be sent or parsed: added at the end, taken from the front.
///
/// What is taken is overwritten with zeros, and so is everything when the storage moves or is
/// freed: passwords and tokens pass through. An empty queue that was reset owns no memory.
///
/// What a connection asks at each event is inlined there: around a call into another module the
/// compiler must note the access and watch for conflicting ones, around a load it need not.
package struct ByteQueue: ~Copyable {
    @usableFromInline var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    @usableFromInline var start = 0
    @usableFromInline var end = 0

    /// An empty queue without memory.
    package init() {}

    deinit {
        wipe(UnsafeMutableRawBufferPointer(rebasing: storage[start..<end]))
        storage.deallocate()
    }

    /// How many bytes are waiting.
    @inlinable package var count: Int { end - start }

    /// Whether none are waiting.
    @inlinable package var isEmpty: Bool { start == end }

    /// How many bytes can be added before the storage has to grow.
    package var freeCount: Int { storage.count - end }

    /// The waiting bytes, valid until the next mutation.
    @inlinable package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[start..<end])
    }

    /// Room for `count` bytes after the last; what is written there counts after `commit(_:)`.
    package mutating func reserve(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if storage.count - end < count { grow(by: count) }
        return UnsafeMutableRawBufferPointer(rebasing: storage[end..<end + count])
    }

    /// Adds the first `count` bytes of what `reserve(_:)` returned.
    package mutating func commit(_ count: Int) {
        precondition(count >= 0 && count <= storage.count - end, "more committed than reserved")
        end += count
    }

    /// Adds a copy of `bytes`.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        reserve(bytes.count).copyMemory(from: bytes)
        end += bytes.count
    }

    /// Takes `count` bytes from the front and wipes them.
    package mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= end - start, "more consumed than there is")
        wipe(UnsafeMutableRawBufferPointer(rebasing: storage[start..<start + count]))
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Drops everything and releases the memory.
    package mutating func reset() {
        self = ByteQueue()
    }

    private mutating func grow(by added: Int) {
        let kept = count
        var capacity = max(storage.count, 512)
        while capacity < kept + added { capacity *= 2 }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: bytes)
        wipe(UnsafeMutableRawBufferPointer(rebasing: storage[start..<end]))
        storage.deallocate()
        storage = larger
        start = 0
        end = kept
    }
}
