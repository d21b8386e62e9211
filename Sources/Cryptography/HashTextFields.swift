/// The fields of a password hash in the modular crypt format: `$a$b$c`.
struct HashTextFields {
    /// No known hash is longer; what is stored is short in any case.
    static let textBytesMax = 512

    private let fields: [Substring]

    /// No fields for a text that is too long, not ASCII, or does not start with `$`.
    init(_ text: String) {
        guard text.utf8.count <= HashTextFields.textBytesMax, text.utf8.first == UInt8(ascii: "$"),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            fields = []
            return
        }
        fields = text.dropFirst().split(separator: "$", omittingEmptySubsequences: false)
    }

    /// How many there are.
    var count: Int { fields.count }

    /// The field at an existing index.
    subscript(place: Int) -> String { String(fields[place]) }

    /// The numbers of a field such as `m=65536,t=3,p=4`, which must have exactly these names in
    /// this order.
    func numbers(_ place: Int, named names: [String]) -> [Int]? {
        let parts = fields[place].split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == names.count else { return nil }
        var numbers: [Int] = []
        for (part, name) in zip(parts, names) {
            guard part.hasPrefix(name + "="),
                let number = HashTextFields.number(part.dropFirst(name.utf8.count + 1))
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// A field as a number.
    func number(_ place: Int) -> Int? { HashTextFields.number(fields[place]) }

    /// Decimal digits, at most nine of them, without a sign or a leading zero.
    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text == "0" || text.first != "0",
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }
}
