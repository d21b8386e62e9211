import Bytes
import CProtobufC

/// All C memory of one message, wiped and freed together.
///
/// On the way in it is protobuf-c's allocator; on the way out it holds copies of the fields. Each
/// block remembers its size, so that a text can be read to its end, not just to its first NUL. The
/// first chunk is lent by the caller, who takes it from the stack: a small message costs no
/// `malloc`.
package final class ProtobufArena {
    /// The most that one message may take, in bytes. protobuf-c spends up to 40 bytes of memory on
    /// 2 bytes of unknown fields; a full request of 64 KiB of them stays within this.
    package static let bytesMax = 4 << 20

    /// What the caller should lend as the first chunk: 2 KiB, enough for every message of
    /// `authd.v1` with short fields.
    package typealias FirstChunk = InlineArray<128, SIMD16<UInt8>>

    /// Block header: the size, padded so that each block is aligned for any C type.
    private static let headerBytes = 16
    private static let alignment = 16

    private let lent: UnsafeMutableRawBufferPointer
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var current: UnsafeMutableRawBufferPointer
    private var used = 0
    private var total = 0
    /// Whether an allocation was refused because of `bytesMax`.
    package private(set) var isExhausted = false

    /// - Parameter lent: memory that outlives the arena, aligned to 16 bytes; wiped at the end.
    package init(lent: UnsafeMutableRawBufferPointer) {
        self.lent = lent
        current = lent
    }

    deinit {
        wipe(
            UnsafeMutableRawBufferPointer(rebasing: lent.prefix(chunks.isEmpty ? used : lent.count))
        )
        for chunk in chunks {
            wipe(chunk)
            chunk.deallocate()
        }
    }

    /// A new block, or nil when it would exceed `bytesMax`.
    package func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        let padded = (count + ProtobufArena.alignment - 1) & ~(ProtobufArena.alignment - 1)
        let needed = ProtobufArena.headerBytes + padded
        guard total + needed <= ProtobufArena.bytesMax else {
            isExhausted = true
            return nil
        }
        total += needed
        if current.count - used < needed {
            let size = max(needed, min(current.count * 2, ProtobufArena.bytesMax))
            current = .allocate(byteCount: size, alignment: ProtobufArena.alignment)
            chunks.append(current)
            used = 0
        }
        guard let base = current.baseAddress else { return nil }
        let header = base + used
        header.storeBytes(of: count, as: Int.self)
        used += needed
        return header + ProtobufArena.headerBytes
    }

    /// The requested size of a block, or nil for memory that is not from this arena (such as
    /// protobuf-c's shared empty text).
    package func size(of block: UnsafeRawPointer) -> Int? {
        guard contains(block, in: lent) || chunks.contains(where: { contains(block, in: $0) })
        else {
            return nil
        }
        return (block - ProtobufArena.headerBytes).load(as: Int.self)
    }

    private func contains(
        _ block: UnsafeRawPointer, in chunk: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let base = chunk.baseAddress else { return false }
        return block >= UnsafeRawPointer(base) && block < UnsafeRawPointer(base) + chunk.count
    }

    /// Calls `body` with protobuf-c's view of this arena. Freeing is left to `deinit`.
    func withAllocator<Result>(
        _ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> Result
    ) -> Result {
        var allocator = ProtobufCAllocator(
            alloc: { arena, count in
                guard let arena else { return nil }
                return Unmanaged<ProtobufArena>.fromOpaque(arena)._withUnsafeGuaranteedRef {
                    $0.allocate(count)
                }
            },
            free: { _, _ in },
            allocator_data: Unmanaged.passUnretained(self).toOpaque())
        return withExtendedLifetime(self) { body(&allocator) }
    }
}
