/// Names one entity: a partition, which is the unit of a transaction, and a row in it.
///
/// Our own names consist of `A-Z a-z 0-9 _ -`, which every store accepts without escaping. The
/// rows of an old table are named by email addresses, so a store has to accept what Azure Tables
/// accepts: both parts are 1 to 255 UTF-16 code units, without `/ \ # ?` and control characters.
/// Keys are compared byte by byte: the NFC and the NFD of a text are different keys.
package struct EntityKey: Sendable {
    package let partition: String
    package let row: String

    package init(partition: String, row: String) {
        self.partition = partition
        self.row = row
    }
}

extension EntityKey: Hashable {
    package static func == (left: EntityKey, right: EntityKey) -> Bool {
        left.partition.utf8.elementsEqual(right.partition.utf8)
            && left.row.utf8.elementsEqual(right.row.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for text in [partition, row] {
            for byte in text.utf8 { hasher.combine(byte) }
            hasher.combine(UInt8(0xFF))
        }
    }
}

/// The version of one stored entity. Opaque: a store makes it, and it is passed back unchanged.
///
/// No two versions of an entity share one, not even across a delete and a new insert.
package struct ETag: Sendable, Hashable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}
