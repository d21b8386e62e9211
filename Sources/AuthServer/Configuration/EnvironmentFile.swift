import Bytes

/// A `.env` file: `NAME=value` lines, read strictly.
///
/// Blank lines and lines that begin with `#` are skipped, `export ` before a name is allowed. A
/// value is plain (trimmed, ends before ` #`), in single quotes (taken as it is) or in double
/// quotes (with `\n`, `\t`, `\"`, `\\` and `\$`). Nothing is expanded: `${` outside single quotes
/// is refused, since other readers of such files would expand it. Any other line,
/// and a name that occurs twice, is an error with its line number and without its content.
struct EnvironmentFile: Sendable {
    /// Where it was read.
    let path: String
    /// The values by name; empty ones too.
    let values: [String: String]

    /// Reads the file at `path`.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - believesAnyOwner: whether another user's file is accepted if only that user can access it.
    /// - Throws: `unusableFile` when it cannot be read, is malformed, or when it holds a secret
    ///   and somebody other than its owner may read or change it.
    init(path: String, believesAnyOwner: Bool = false) throws(ConfigurationError) {
        let file = try PrivateFile(path: path)
        let isOfAnother = believesAnyOwner && file.isClosedToOthers
        if !isOfAnother { try file.requireUnchangedByOthers() }
        let text = try file.bytes.withUnsafeBytes { bytes throws(ConfigurationError) in
            guard UTF8Validation.isValid(bytes) else {
                throw .unusableFile(path: path, problem: "is not valid UTF-8")
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        try self.init(path: path, text: text)
        let secrets = Setting.all.filter(\.isSecret).flatMap(\.allNames)
        if !isOfAnother, secrets.contains(where: { values[$0]?.isEmpty == false }) {
            try file.requireOwnerOnly()
        }
    }

    /// Reads `text` as the content of the file at `path`.
    ///
    /// - Throws: `unusableFile` with the number of the first invalid line.
    init(path: String, text: String) throws(ConfigurationError) {
        var values: [String: String] = [:]
        // On scalars: "\r\n" is one Character and would not split at "\n".
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, scalars) in lines.enumerated() {
            do throws(SettingProblem) {
                guard let (name, value) = try EnvironmentFile.line(trimmed(scalars)) else {
                    continue
                }
                if values.updateValue(value, forKey: name) != nil {
                    throw SettingProblem("sets \(name) a second time")
                }
            } catch {
                throw .unusableFile(
                    path: path, problem: "line \(index + 1) \(error.phrase ?? "is wrong")")
            }
        }
        self.path = path
        self.values = values
    }

    private static func line(_ text: String) throws(SettingProblem) -> (String, String)? {
        guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
        let assignment = text.hasPrefix("export ") ? String(text.dropFirst(7)) : text
        guard let equals = assignment.unicodeScalars.firstIndex(of: "=") else {
            throw SettingProblem("is not NAME=value")
        }
        let name = trimmed(assignment.unicodeScalars[..<equals])
        guard let first = name.utf8.first, !(0x30...0x39).contains(first),
            name.utf8.allSatisfy(isNameByte)
        else { throw SettingProblem("is not NAME=value") }
        let rest = assignment.unicodeScalars[assignment.unicodeScalars.index(after: equals)...]
        return (name, try value(trimmed(rest)))
    }

    private static func value(_ text: String) throws(SettingProblem) -> String {
        switch text.unicodeScalars.first {
        case "'": return try quoted(text, by: "'")
        case "\"": return try quoted(text, by: "\"")
        default: break
        }
        var value = ""
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if scalar == "#", previous == " " || previous == "\t" { break }
            value.unicodeScalars.append(scalar)
            previous = scalar
        }
        guard !value.contains("${") else { throw expansion }
        return trimmed(value.unicodeScalars[...])
    }

    private static func quoted(
        _ text: String, by quote: Unicode.Scalar
    ) throws(SettingProblem) -> String {
        var value = ""
        var scalars = text.unicodeScalars.dropFirst()
        while let scalar = scalars.popFirst() {
            if scalar == quote {
                let rest = trimmed(scalars)
                guard rest.isEmpty || rest.hasPrefix("#") else {
                    throw SettingProblem("has text after the closing quote")
                }
                return value
            }
            guard quote == "\"" else {
                value.unicodeScalars.append(scalar)
                continue
            }
            if scalar == "$", scalars.first == "{" { throw expansion }
            value.unicodeScalars.append(scalar == "\\" ? try escape(&scalars) : scalar)
        }
        throw SettingProblem("has no closing quote")
    }

    private static func escape(
        _ scalars: inout String.UnicodeScalarView.SubSequence
    ) throws(SettingProblem) -> Unicode.Scalar {
        switch scalars.popFirst() {
        case "n": return "\n"
        case "t": return "\t"
        case "\"": return "\""
        case "\\": return "\\"
        case "$": return "$"
        default: throw SettingProblem("has an unknown escape; use single quotes")
        }
    }

    private static let expansion = SettingProblem(
        "has ${, which is not expanded; use single quotes for a literal ${")

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        default: false
        }
    }
}

/// The text without spaces, tabs and carriage returns at its ends.
private func trimmed(_ scalars: String.UnicodeScalarView.SubSequence) -> String {
    let blanks: Set<Unicode.Scalar> = [" ", "\t", "\r"]
    var scalars = scalars
    while let first = scalars.first, blanks.contains(first) { scalars.removeFirst() }
    while let last = scalars.last, blanks.contains(last) { scalars.removeLast() }
    return String(String.UnicodeScalarView(scalars))
}
