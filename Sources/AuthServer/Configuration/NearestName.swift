/// Finds the known name that a mistyped one was meant to be.
enum NearestName {
    /// Longer names are truncated to this before comparing: the work grows quadratically.
    private static let lengthMax = 64

    /// The nearest of `candidates` and how many letters to insert, remove or change for it.
    static func find(_ name: String, in candidates: some Sequence<String>) -> (String, Int)? {
        candidates.map { ($0, distance(name, $0)) }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }
    }

    /// The Levenshtein distance between the two, each truncated to `lengthMax` bytes.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(lengthMax))
        let right = Array(right.utf8.prefix(lengthMax))
        var row = Array(0...right.count)
        for (leftIndex, leftByte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = leftIndex + 1
            for (rightIndex, rightByte) in right.enumerated() {
                let changed = diagonal + (leftByte == rightByte ? 0 : 1)
                diagonal = row[rightIndex + 1]
                row[rightIndex + 1] = min(changed, diagonal + 1, row[rightIndex] + 1)
            }
        }
        return row[right.count]
    }
}
