import AuthService
import Bytes
import Yams

/// Reads the file of AUTHD_CALLERS_FILE.
///
///     callers:
///       - name: web
///         uid: www-data
///         methods: [Login, Refresh, VerifyToken]
///         calls_per_second: 50
///         client_address: true
///       - name: operators
///         certificate: dns:ops.internal
///         admin: true
///
/// Values are taken as text, whatever type YAML would give them, and there are no aliases. The
/// first entry that matches a caller decides; a caller that none matches may call nothing. Every
/// key must be known and unique: what can't be understood is refused, with its line.
enum CallerFile {
    /// More than the services of one machine; each call is compared with all of them.
    static let entriesMax = 256

    /// The policy in the file at the absolute `path`: at most 64 KiB, and writable only by its
    /// owner, root or the daemon's user.
    ///
    /// - Throws: `unusableFile` with the line and the field.
    static func load(_ path: String) throws(ConfigurationError) -> CallerPolicy {
        let file = try PrivateFile(path: path)
        try file.requireChangedByOwnerOnly()
        let text = try file.bytes.withUnsafeBytes { bytes throws(ConfigurationError) in
            guard UTF8Validation.isValid(bytes) else {
                throw .unusableFile(path: path, problem: "is not valid UTF-8")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        do throws(CallerFileProblem) {
            return try policy(text)
        } catch {
            throw .unusableFile(path: path, problem: error.description)
        }
    }

    /// The policy that `text` describes.
    ///
    /// - Throws: the first error.
    static func policy(_ text: String) throws(CallerFileProblem) -> CallerPolicy {
        try CallerFileShape.check(text)
        let root = try compose(text)
        let top = try CallerFileEntry(root, what: "the file", keys: ["callers"])
        guard let callers = top["callers"] else {
            throw CallerFileProblem(line: 1, "has no \"callers\" list")
        }
        guard case .sequence(let entries) = callers else {
            throw CallerFileProblem(callers, "\"callers\" is not a list")
        }
        guard entries.count <= entriesMax else {
            throw CallerFileProblem(callers, "has more than \(entriesMax) callers")
        }
        var rules: [CallerRule] = []
        for node in entries {
            let rule = try CallerFileEntry(node, what: "a caller", keys: CallerFileEntry.keys).rule
            guard !rules.contains(where: { $0.name == rule.name }) else {
                throw CallerFileProblem(
                    node, "repeats the name \(LineText.quoted(rule.name))")
            }
            rules.append(rule)
        }
        return CallerPolicy(rules)
    }

    private static func compose(_ text: String) throws(CallerFileProblem) -> Node {
        do {
            guard let root = try Yams.compose(yaml: text) else {
                throw CallerFileProblem(line: 1, "is empty; to allow nobody, write callers: []")
            }
            return root
        } catch let problem as CallerFileProblem {
            throw problem
        } catch let error as YamlError {
            throw CallerFileProblem(error)
        } catch {
            throw CallerFileProblem(line: 1, "is not YAML")
        }
    }
}
