/// A table of bounded size that keeps the heaviest rows.
///
/// The rows are divided into sets of `waysMax`; a key belongs to one of them. A full set gives up
/// its lightest row, so that a flood of keys seen once pushes out keys seen once, and not
/// the one somebody has been guessing at. Keys are codes under a secret of the process: nobody can
/// aim at a set.
struct CounterTable<Value> {
    private struct Row {
        let key: UInt64
        var value: Value
    }

    private static var waysMax: Int { 8 }

    private var sets: [[Row]]
    private let isLighter: (Value, Value) -> Bool
    /// How many rows there are; at most `capacity`.
    private(set) var count = 0

    /// - Parameters:
    ///   - setCount: a power of two; the table has up to 8 rows per set.
    ///   - isLighter: whether the first value is the one to give up.
    init(setCount: Int, isLighter: @escaping (Value, Value) -> Bool) {
        precondition(setCount > 0 && setCount & (setCount - 1) == 0, "a power of two")
        sets = Array(repeating: [], count: setCount)
        self.isLighter = isLighter
    }

    /// The most rows.
    var capacity: Int { sets.count * Self.waysMax }

    subscript(key: UInt64) -> Value? {
        get { sets[index(key)].first { $0.key == key }?.value }
        set {
            let set = index(key)
            let row = sets[set].firstIndex { $0.key == key }
            guard let newValue else {
                if let row {
                    sets[set].remove(at: row)
                    count -= 1
                }
                return
            }
            if let row {
                sets[set][row].value = newValue
            } else if sets[set].count < Self.waysMax {
                sets[set].append(Row(key: key, value: newValue))
                count += 1
            } else {
                replaceLightest(in: set, with: Row(key: key, value: newValue))
            }
        }
    }

    /// The newcomer always gets in; otherwise a set full of heavy rows would stay closed to all
    /// others.
    private mutating func replaceLightest(in set: Int, with row: Row) {
        let lightest = sets[set].indices.min { isLighter(sets[set][$0].value, sets[set][$1].value) }
        if let lightest { sets[set][lightest] = row }
    }

    private func index(_ key: UInt64) -> Int { Int(truncatingIfNeeded: key) & (sets.count - 1) }
}
