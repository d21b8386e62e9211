extension BcryptHash {
    /// Reads a stored hash, strictly: exactly the text that `text` returns.
    ///
    /// Shapes: `$2b$12$` + salt (22) + digest (31), 60 characters in all, also `2a` and `2y`; or
    /// `$bcrypt-sha256$v=2,t=2b,r=12$` + salt (22) + `$` + digest (31). `$2x$` and version 1 of
    /// bcrypt-sha256 are known to be weak and are refused, as are bits after the last whole byte.
    ///
    /// - Throws: `hashMalformed`; `costOutOfRange` when the cost is not in `costs`.
    package init(parsing text: String) throws(CryptographyError) {
        let fields = Array(text.utf8).split(
            separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 96, fields.count > 3, fields[0].isEmpty,
            let scheme = Scheme(rawValue: String(decoding: fields[1], as: UTF8.self))
        else { throw .hashMalformed }
        let parts: Parts?
        switch scheme {
        case .bcryptSHA256: parts = BcryptHash.split(prehashed: fields)
        default: parts = BcryptHash.split(plain: fields)
        }
        guard let parts, BcryptBase64.isCanonical(parts.salt, bytes: 16),
            BcryptBase64.isCanonical(parts.digest, bytes: 23)
        else { throw .hashMalformed }
        guard BcryptHash.costs.contains(parts.cost) else {
            throw .costOutOfRange(BcryptHash.costs)
        }
        self.init(
            scheme: scheme, cost: parts.cost, salt: String(decoding: parts.salt, as: UTF8.self),
            digest: Array(parts.digest))
    }

    private typealias Parts = (cost: Int, salt: ArraySlice<UInt8>, digest: ArraySlice<UInt8>)

    /// `["", "2b", "12", salt + digest]`
    private static func split(plain fields: [ArraySlice<UInt8>]) -> Parts? {
        guard fields.count == 4, fields[2].count == 2, let cost = number(fields[2]),
            fields[3].count == 53
        else { return nil }
        return (cost, fields[3].prefix(22), fields[3].dropFirst(22))
    }

    /// `["", "bcrypt-sha256", "v=2,t=2b,r=12", salt, digest]`; the cost has no leading zero.
    private static func split(prehashed fields: [ArraySlice<UInt8>]) -> Parts? {
        let prefix = "v=2,t=2b,r=".utf8
        guard fields.count == 5, fields[2].starts(with: prefix) else { return nil }
        let digits = fields[2].dropFirst(prefix.count)
        guard (1...2).contains(digits.count), digits.first != UInt8(ascii: "0"),
            let cost = number(digits)
        else { return nil }
        return (cost, fields[3], fields[4])
    }

    /// The value of ASCII digits; nil when there is anything else.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
