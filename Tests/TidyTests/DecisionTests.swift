import Foundation
import Testing

/// The decision notes.
struct DecisionTests {
    @Test
    func `Each decision note has a unique number, the same in its file name and title`() throws {
        let names = PackageTree.paths(below: "docs/decisions", endings: [".md"])
        #expect(names.count > 20)
        var numbers: Set<Int> = []
        for name in names {
            let file = name.split(separator: "/").last.map(String.init) ?? ""
            let number = try #require(Int(file.prefix(4)), "\(file)")
            #expect(numbers.insert(number).inserted, "there are two of \(number)")
            let title = try #require(PackageTree.file(name).lines.first)
            let digits = title.dropFirst(2).prefix { $0.isNumber }
            #expect(title.hasPrefix("# ") && Int(digits) == number, "\(file): \(title)")
        }
    }
}
