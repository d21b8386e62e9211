import AuthService
import Glibc
import Yams

/// One mapping of a policy file, whose keys must all be known.
struct CallerFileEntry {
    /// The keys of a caller.
    static let keys: Set = [
        "name", "uid", "gid", "certificate", "local_tcp", "tls_without_certificate", "methods",
        "admin", "calls_per_second", "burst", "client_address",
    ]

    private static let nameBytesMax = 100
    private static let itemsMax = 256
    private static let callsPerSecondMax = 1_000_000.0

    private let node: Node
    private var values: [String: Node] = [:]

    /// - Parameters:
    ///   - node: should be a mapping.
    ///   - what: what the mapping is, for messages.
    ///   - keys: those it may have.
    /// - Throws: for anything but a mapping, and for unknown keys.
    init(_ node: Node, what: String, keys: Set<String>) throws(CallerFileProblem) {
        guard case .mapping(let mapping) = node else {
            throw CallerFileProblem(node, "\(what) is not a list of \"key: value\"")
        }
        self.node = node
        for (key, value) in mapping {
            let name = try CallerFileEntry.text(key, "a key")
            guard keys.contains(name) else {
                let nearest = NearestName.find(name, in: keys)?.0
                throw CallerFileProblem(
                    key,
                    "has the unknown key \(LineText.quoted(name, bytesMax: 100))"
                        + (nearest.map { "; did you mean \($0)?" } ?? ""))
            }
            values[name] = value
        }
    }

    subscript(_ key: String) -> Node? { values[key] }

    /// The entry as a rule.
    ///
    /// - Throws: the first invalid field.
    var rule: CallerRule {
        get throws(CallerFileProblem) {
            guard let name = values["name"] else {
                throw CallerFileProblem(node, "begins a caller without \"name\"")
            }
            let text = try CallerFileEntry.text(name, "name")
            guard (1...CallerFileEntry.nameBytesMax).contains(text.utf8.count) else {
                throw CallerFileProblem(name, "\"name\" must have 1 to 100 bytes")
            }
            return CallerRule(
                text, try matches(),
                methods: try names("methods", of: ServiceMethods.auth) ?? .all,
                adminMethods: try adminMethods(), rate: try rate(),
                believesClientAddress: try flag("client_address") ?? false)
        }
    }

    private func matches() throws(CallerFileProblem) -> Set<CallerRule.Match> {
        var matches: Set<CallerRule.Match> = []
        for item in try items("uid") {
            if item.text == "any" {
                matches.insert(.anyUser)
                continue
            }
            guard let uid = AccountNames.user(item.text) else {
                throw item.problem("there is no user")
            }
            matches.insert(.user(uid))
        }
        for item in try items("gid") {
            guard let gid = AccountNames.group(item.text) else {
                throw item.problem("there is no group")
            }
            matches.insert(.group(gid))
        }
        for item in try items("certificate") {
            if item.text == "any" {
                matches.insert(.anyCertificate)
                continue
            }
            guard CallerRule.isCertificateName(item.text) else {
                throw item.problem("there is no cn:, dns:, uri:, email: or ip: before")
            }
            matches.insert(.certificate(item.text))
        }
        if try flag("local_tcp") == true { matches.insert(.localTCP) }
        if try flag("tls_without_certificate") == true { matches.insert(.tlsWithoutCertificate) }
        guard !matches.isEmpty else {
            throw CallerFileProblem(
                node,
                "begins a caller that matches nobody: give it uid, gid or certificate")
        }
        return matches
    }

    private func adminMethods() throws(CallerFileProblem) -> CallerRule.Methods {
        guard let node = values["admin"] else { return .only([]) }
        if case .scalar = node { return try flag("admin") == true ? .all : .only([]) }
        return try names("admin", of: ServiceMethods.admin) ?? .only([])
    }

    private func rate() throws(CallerFileProblem) -> CallerRule.Rate? {
        let burst = try number("burst", from: 1)
        guard let calls = try number("calls_per_second", from: 0.001) else {
            if let node = values["burst"] {
                throw CallerFileProblem(node, "has \"burst\" without \"calls_per_second\"")
            }
            return nil
        }
        return CallerRule.Rate(callsPerSecond: calls, burst: burst ?? max(1, calls))
    }
}

extension CallerFileEntry {
    /// One text of a list, with its place.
    private struct Item {
        let node: Node
        let key: String
        let text: String

        func problem(_ phrase: String) -> CallerFileProblem {
            CallerFileProblem(
                node, "\"\(key)\": \(phrase) \(LineText.quoted(text, bytesMax: 100))")
        }
    }

    /// One text or a list of them; none if the key is missing.
    private func items(_ key: String) throws(CallerFileProblem) -> [Item] {
        guard let node = values[key] else { return [] }
        guard case .sequence(let sequence) = node else {
            return [Item(node: node, key: key, text: try CallerFileEntry.text(node, key))]
        }
        guard sequence.count <= CallerFileEntry.itemsMax else {
            throw CallerFileProblem(node, "\"\(key)\" has more than \(Self.itemsMax) items")
        }
        var items: [Item] = []
        for node in sequence {
            items.append(Item(node: node, key: key, text: try CallerFileEntry.text(node, key)))
        }
        return items
    }

    private func names(
        _ key: String, of known: Set<String>
    ) throws(CallerFileProblem) -> CallerRule.Methods? {
        guard values[key] != nil else { return nil }
        let items = try items(key)
        if items.count == 1, items[0].text == "all" { return .all }
        for item in items where !known.contains(item.text) {
            throw item.problem("there is no RPC")
        }
        return .only(Set(items.map(\.text)))
    }

    private func flag(_ key: String) throws(CallerFileProblem) -> Bool? {
        guard let node = values[key] else { return nil }
        switch try CallerFileEntry.text(node, key) {
        case "true": return true
        case "false": return false
        default: throw CallerFileProblem(node, "\"\(key)\" must be true or false")
        }
    }

    private func number(_ key: String, from least: Double) throws(CallerFileProblem) -> Double? {
        guard let node = values[key] else { return nil }
        guard let number = Double(try CallerFileEntry.text(node, key)),
            (least...CallerFileEntry.callsPerSecondMax).contains(number)
        else {
            throw CallerFileProblem(
                node, "\"\(key)\" must be a number from \(least) to 1000000")
        }
        return number
    }

    /// The text of a scalar as in the file: `no` and `0777` get no special meaning.
    private static func text(_ node: Node, _ what: String) throws(CallerFileProblem) -> String {
        guard case .scalar(let scalar) = node else {
            throw CallerFileProblem(node, "\"\(what)\" is not a plain string")
        }
        let text = scalar.string
        guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw CallerFileProblem(node, "\"\(what)\" is empty or has a control character")
        }
        return text
    }
}
