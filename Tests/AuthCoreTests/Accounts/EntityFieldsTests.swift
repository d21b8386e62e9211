import Storage
import Testing

@testable import AuthCore

struct EntityFieldsTests {
    private static func entity(_ properties: EntityProperties) -> Entity {
        Entity(key: EntityKey(partition: "p", row: "r"), properties: properties)
    }

    @Test func `A field can be taken once and is then not among the remaining ones`() throws {
        var fields = try EntityFields(
            Self.entity(["a": .int64(1), "b": .string("x"), "c": .boolean(true)]))
        #expect(try fields.integer("a") == 1)
        #expect(try fields.flag("c"))
        #expect(fields.rest == ["b": .string("x")])
        #expect(throws: StoreError.self) { try fields.integer("a") }
        #expect(throws: StoreError.self) { try fields.integer("b") }
    }

    @Test(arguments: [-1, Int64.min, .max])
    func `A counter that is negative or cannot be incremented is corrupt`(_ value: Int64) throws {
        var fields = try EntityFields(Self.entity(["a": .int64(value), "b": .int64(.max - 1)]))
        #expect(throws: StoreError.self) { try fields.counter("a") }
        #expect(try fields.counter("b") == .max - 1)
        var again = try EntityFields(Self.entity(["a": .int64(value)]))
        #expect(throws: StoreError.self) { try again.optionalCounter("a") }
        #expect(try fields.optionalCounter("c") == 0)
    }

    @Test func `A row of more than 256 properties is corrupt`() throws {
        var properties = EntityProperties()
        for number in 0..<256 { properties["n\(number)"] = .int64(Int64(number)) }
        var fields = try EntityFields(Self.entity(properties))
        for number in 0..<256 {
            #expect(try fields.integer("n\(number)") == Int64(number))
        }
        #expect(fields.rest.isEmpty)
        properties["n256"] = .int64(0)
        #expect(throws: StoreError.self) { try EntityFields(Self.entity(properties)) }
    }
}
