import Storage
import Testing

struct EntityLimitsTests {
    private let key = EntityKey(partition: "p", row: "r")

    private func violation(_ properties: EntityProperties) -> String? {
        EntityLimits.violation(partition: "p", operations: [.insert(key, properties)])
    }

    @Test
    func `A key has 1 to 255 UTF-16 code units, all of them allowed by Azure Tables`() {
        #expect(EntityLimits.isKey(String(repeating: "k", count: 255)))
        #expect(!EntityLimits.isKey(String(repeating: "k", count: 256)))
        #expect(!EntityLimits.isKey("") && EntityLimits.isRowPrefix(""))
        #expect(!EntityLimits.isKey(String(repeating: "\u{1F600}", count: 128)))
        #expect(EntityLimits.isKey(String(repeating: "\u{1F600}", count: 127)))
        for byte in UInt8.min ... .max {
            let isControl = byte < 0x20 || (0x7F...0x9F).contains(byte)
            let isAllowed = !isControl && !"/\\#?".utf8.contains(byte)
            #expect(EntityLimits.isKey(String(UnicodeScalar(byte))) == isAllowed)
        }
        #expect(EntityLimits.isKey("o'brien+%41@ex\u{E4}mple.org"))
    }

    @Test(arguments: ["", "1a", "a-b", "a b", "é", "PartitionKey", "RowKey", "Timestamp", "opId"])
    func `A property name that is reserved or not an ASCII identifier is refused`(_ name: String) {
        #expect(violation([name: .boolean(true)]) != nil)
    }

    @Test
    func `Property sizes, timestamps and counts pass at their limits and fail beyond them`() {
        #expect(violation(["v": .binary(Array(repeating: 0, count: 65_536))]) == nil)
        #expect(violation(["v": .binary(Array(repeating: 0, count: 65_537))]) != nil)
        #expect(violation(["v": .string(String(repeating: "é", count: 32_768))]) == nil)
        #expect(violation(["v": .string(String(repeating: "é", count: 32_769))]) != nil)
        #expect(violation(["v": .timestamp(EntityLimits.timestamps.upperBound)]) == nil)
        #expect(violation(["v": .timestamp(Timestamp(microseconds: .max))]) != nil)
        var many = EntityProperties()
        for number in 1...250 { many["n\(number)"] = .boolean(true) }
        #expect(violation(many) == nil)
        many["n251"] = .boolean(true)
        #expect(violation(many) != nil)
    }

    @Test
    func `The calculated size of an entity may be at most 1 MiB less 512 bytes`() {
        // 4 + 4 for the keys, and for each property 8 + 4 and two bytes a character of its name.
        var properties: EntityProperties = [:]
        for index in 10..<26 {
            properties["n\(index)"] = .binary(Array(repeating: 0, count: 65_517))
        }
        properties["n10"] = .binary(Array(repeating: 0, count: 65_517 + 8 - 512))
        #expect(EntityLimits.entityBytes(key: key, properties: properties) == 1_048_576 - 512)
        #expect(violation(properties) == nil)
        properties["n11"] = .binary(Array(repeating: 0, count: 65_518))
        #expect(violation(properties) != nil)
    }

    @Test
    func `A transaction has 1 to 100 operations on distinct entities of one partition`() {
        let inserts = (0...100).map {
            EntityOperation.insert(EntityKey(partition: "p", row: "r\($0)"), [:])
        }
        let check = { EntityLimits.violation(partition: "p", operations: $0) }
        #expect(check([]) != nil)
        #expect(check(Array(inserts.dropLast())) == nil)
        #expect(check(inserts) != nil)
        #expect(check([inserts[0], .delete(inserts[0].key, ifMatch: nil)]) != nil)
        #expect(check([.insert(EntityKey(partition: "q", row: "r"), [:])]) != nil)
        #expect(check([.insert(EntityKey(partition: "p", row: "r/s"), [:])]) != nil)
    }

    @Test
    func `Reads with a limit, key count or filter out of bounds are refused`() {
        #expect(EntityLimits.violation(limit: 0) != nil)
        #expect(EntityLimits.violation(limit: 1_000) == nil)
        #expect(EntityLimits.violation(limit: 1_001) != nil)
        let keys = Array(repeating: key, count: 101)
        #expect(EntityLimits.violation(keys: keys) != nil)
        #expect(EntityLimits.violation(keys: keys.dropLast()) == nil)
        #expect(EntityLimits.violation(filter: EntityFilter(partition: ""), limit: 1) != nil)
        #expect(EntityLimits.violation(filter: EntityFilter(rowPrefix: "/"), limit: 1) != nil)
        let rows = Array(repeating: "r", count: 101)
        #expect(EntityLimits.violation(partition: "p", rows: rows) != nil)
        #expect(EntityLimits.violation(partition: "p", rows: rows.dropLast()) == nil)
    }
}
