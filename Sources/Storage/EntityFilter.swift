/// Which entities a scan returns: those that meet every condition that is set. The store filters,
/// so that what does not match is never transferred.
package struct EntityFilter: Sendable, Equatable {
    /// A moment that a property has to lie before.
    package struct Earlier: Sendable, Equatable {
        /// Entities without a timestamp of this name don't match.
        package var property: String
        package var moment: Timestamp

        package init(_ property: String, than moment: Timestamp) {
            self.property = property
            self.moment = moment
        }
    }

    /// Only entities of this partition; nil for all.
    package var partition: String?
    /// Only rows that start with this.
    package var rowPrefix: String
    /// Only entities whose property is before a moment.
    package var earlier: Earlier?

    /// Every entity.
    package static let all = EntityFilter()

    package init(partition: String? = nil, rowPrefix: String = "", earlier: Earlier? = nil) {
        self.partition = partition
        self.rowPrefix = rowPrefix
        self.earlier = earlier
    }

    /// Whether the conditions on keys hold.
    package func matches(_ key: EntityKey) -> Bool {
        guard key.row.utf8.starts(with: rowPrefix.utf8) else { return false }
        return partition.map { $0.utf8.elementsEqual(key.partition.utf8) } ?? true
    }

    /// Whether the condition on a property holds.
    package func matches(_ properties: EntityProperties) -> Bool {
        guard let earlier else { return true }
        guard case .timestamp(let moment) = properties[earlier.property] else { return false }
        return moment < earlier.moment
    }
}
