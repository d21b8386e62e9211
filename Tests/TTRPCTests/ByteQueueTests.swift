import TestSupport
import Testing

@testable import TTRPC

struct ByteQueueTests {
    @Test
    func `Bytes are read in the order they were appended, whatever the chunk sizes`() {
        var random = SeededRandom(seed: 1)
        var queue = ByteQueue()
        var written: UInt8 = 0
        var read: UInt8 = 0
        for _ in 0..<2000 {
            let added = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                defer { written &+= 1 }
                return written
            }
            added.withUnsafeBytes { queue.append($0) }
            let taken = Int.random(in: 0...queue.count, using: &random)
            for byte in queue.bytes.prefix(taken) {
                #expect(byte == read)
                read &+= 1
            }
            queue.consume(taken)
        }
        let left = UInt8(truncatingIfNeeded: queue.count)
        #expect(left == written &- read)
    }

    @Test
    func `Consumed bytes are wiped`() {
        var queue = ByteQueue()
        [1, 2, 3, 4].withUnsafeBytes { queue.append($0) }
        let memory = queue.bytes
        let count = memory.count
        queue.consume(count)
        // The storage is still the queue's: it is empty, but not reset.
        #expect(memory.allSatisfy { $0 == 0 })
        queue.reset()
        let freeCount = queue.freeCount
        #expect(freeCount == 0)
    }
}
