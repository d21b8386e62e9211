/// The named properties of an entity, in ascending order of their names.
///
/// An entity has a dozen of them, and most are read once: a sorted array costs one allocation,
/// a dictionary one hash per property.
package struct EntityProperties: Sendable {
    /// One property.
    package typealias Element = (name: String, value: EntityProperty)

    private var elements: [Element] = []

    /// No properties.
    package init() {}

    /// The value of a name; nil for none, or to remove it.
    package subscript(name: String) -> EntityProperty? {
        get {
            let (index, isThere) = place(of: name)
            return isThere ? elements[index].value : nil
        }
        set {
            let (index, isThere) = place(of: name)
            switch (newValue, isThere) {
            case (let value?, true): elements[index].value = value
            case (let value?, false):
                elements.insert((name, value), at: index)
            case (nil, true): elements.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Removes a property.
    ///
    /// - Returns: its value; nil if there was none.
    package mutating func remove(_ name: String) -> EntityProperty? {
        let (index, isThere) = place(of: name)
        return isThere ? elements.remove(at: index).value : nil
    }

    /// Where the property of a name is; nil if there is none.
    package func index(of name: String) -> Int? {
        let (index, isThere) = place(of: name)
        return isThere ? index : nil
    }

    /// Adds the properties of `others`, replacing those of the same names.
    package mutating func merge(_ others: EntityProperties) {
        for other in others { self[other.name] = other.value }
    }

    /// Adds a property after all others.
    ///
    /// - Returns: false, and adds nothing, if its name does not sort after theirs.
    package mutating func append(_ name: String, _ value: EntityProperty) -> Bool {
        if let last = elements.last, last.name >= name { return false }
        elements.append((name, value))
        return true
    }

    /// Makes room for this many properties.
    package mutating func reserveCapacity(_ count: Int) {
        elements.reserveCapacity(count)
    }

    /// Where a name is, or would be.
    private func place(of name: String) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return (low, low < elements.count && elements[low].name == name)
    }
}

extension EntityProperties: Equatable {
    package static func == (left: EntityProperties, right: EntityProperties) -> Bool {
        left.elements.elementsEqual(right.elements) { $0.name == $1.name && $0.value == $1.value }
    }
}

extension EntityProperties: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { elements.count }

    package subscript(index: Int) -> Element { elements[index] }

    /// The array's own iterator: a collection's default one fetches each property through a table
    /// of functions, and allocates memory for each.
    package func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}

extension EntityProperties: ExpressibleByDictionaryLiteral {
    /// Of two properties with the same name the last counts. Those in ascending order are just
    /// appended.
    package init(dictionaryLiteral properties: (String, EntityProperty)...) {
        elements.reserveCapacity(properties.count)
        for (name, value) in properties where !append(name, value) { self[name] = value }
    }
}
