/// Names one entity: a partition, which is the unit of a transaction, and a row in it.
///
/// Both parts are 1 to 255 characters of `A-Z a-z 0-9 _ -`, which every store takes without
/// escaping. Keys are compared byte by byte.
package struct EntityKey: Sendable, Hashable {
    package let partition: String
    package let row: String

    package init(partition: String, row: String) {
        self.partition = partition
        self.row = row
    }
}

/// The version of one stored entity. Opaque: a store makes it, and it comes back unchanged.
///
/// No two versions of an entity share one, not even across a delete and a new insert.
package struct ETag: Sendable, Hashable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}
