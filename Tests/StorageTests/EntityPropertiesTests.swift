import Storage
import Testing

struct EntityPropertiesTests {
    @Test
    func `Names are unique and sorted, whatever the order of insertion`() {
        var properties: EntityProperties = ["b": .int64(1), "a": .int64(2), "b": .int64(3)]
        properties["ab"] = .boolean(true)
        properties["B"] = .boolean(false)
        #expect(properties.map(\.name) == ["B", "a", "ab", "b"])
        #expect(properties["b"] == .int64(3))
        #expect(properties["c"] == nil)
        #expect(properties.count == 4)
    }

    @Test
    func `Setting, removing and iterating match a dictionary`() {
        var generator = SystemRandomNumberGenerator()
        var properties = EntityProperties()
        var expected: [String: EntityProperty] = [:]
        for step in 0..<2_000 {
            let name = "n\(Int.random(in: 0..<40, using: &generator))"
            let value = EntityProperty.int64(Int64(step))
            switch step % 4 {
            case 0:
                let (removed, value) = (properties.remove(name), expected.removeValue(forKey: name))
                #expect(removed == value)
            case 1: (properties[name], expected[name]) = (nil, nil)
            default: (properties[name], expected[name]) = (value, value)
            }
            #expect(properties.count == expected.count)
        }
        #expect(properties.map(\.name) == expected.keys.sorted())
        for (name, value) in properties { #expect(expected[name] == value) }
    }

    @Test
    func `A merge prefers the incoming values`() {
        var properties: EntityProperties = ["a": .int64(1), "b": .int64(2)]
        properties.merge(["b": .int64(3), "0": .int64(4)])
        #expect(properties == ["0": .int64(4), "a": .int64(1), "b": .int64(3)])
        #expect(properties != ["0": .int64(4), "a": .int64(1), "b": .int64(2)])
        #expect(properties != ["0": .int64(4), "a": .int64(1)])
    }

    @Test
    func `Only a name that sorts after all others can be appended`() {
        var properties: EntityProperties = ["b": .int64(1)]
        let taken = ["b", "a", "c"].map { properties.append($0, .int64(2)) }
        #expect(taken == [false, false, true])
        #expect(properties == ["b": .int64(1), "c": .int64(2)])
    }
}
