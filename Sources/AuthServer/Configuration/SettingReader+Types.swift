import Bytes

/// Typed reading. Each function also records what `--check-config` shows.
extension SettingReader {
    /// The value read by `parse`, from the given text or the default; nil when there is neither.
    ///
    /// - Parameters:
    ///   - setting: what to read.
    ///   - worked: the default that was determined at the start, if the table has none.
    ///   - parse: reads the text or says what is wrong.
    /// - Returns: the value, or nil when it is not set and has no default.
    /// - Throws: `invalidValue`, `conflictingNames`.
    mutating func optional<Value>(
        _ setting: Setting, default worked: String? = nil,
        _ parse: (String) throws(SettingProblem) -> Value
    ) throws(ConfigurationError) -> Value? {
        var given = try given(setting)
        if given == nil {
            var text = worked
            if case .text(let fixed) = setting.defaultValue { text = fixed }
            given = text.map { Given(text: $0, source: .builtIn) }
        }
        guard let given else {
            show(setting, "(not set)", .builtIn)
            return nil
        }
        do throws(SettingProblem) {
            let value = try parse(given.text)
            show(setting, setting.isSecret ? "(set)" : given.text, given.source)
            return value
        } catch {
            throw invalid(setting, given, error)
        }
    }

    /// As `optional`, for settings that always have a default.
    mutating func value<Value>(
        _ setting: Setting, default worked: String? = nil,
        _ parse: (String) throws(SettingProblem) -> Value
    ) throws(ConfigurationError) -> Value {
        guard let value = try optional(setting, default: worked, parse) else {
            preconditionFailure("\(setting.name) has no default")
        }
        return value
    }

    /// A decimal integer in the setting's range.
    mutating func integer(
        _ setting: Setting, default worked: Int? = nil
    ) throws(ConfigurationError) -> Int {
        guard case .integer(let range, _) = setting.kind else {
            preconditionFailure("\(setting.name) is not an integer")
        }
        return try value(setting, default: worked.map(String.init)) {
            text throws(SettingProblem) in
            guard let value = Int(text), range.contains(value), text.utf8.first != 0x2b else {
                throw .notAllowed
            }
            return value
        }
    }

    /// One of an enum's words.
    mutating func choice<Value: RawRepresentable<String>>(
        _ setting: Setting
    ) throws(ConfigurationError) -> Value {
        try value(setting) { text throws(SettingProblem) in
            guard let value = Value(rawValue: text) else { throw .notAllowed }
            return value
        }
    }

    /// A secret whose byte count is in `range`, or nil when it is not set.
    mutating func secret(
        _ setting: Setting, bytes range: ClosedRange<Int>
    ) throws(ConfigurationError) -> SecretBytes? {
        try optional(setting) { text throws(SettingProblem) in
            let count = text.utf8.count
            guard range.contains(count) else { throw SettingProblem("has \(count) bytes") }
            return SecretBytes(utf8: text)
        }
    }

    /// The items of a comma-separated list: trimmed, none empty, none twice, at most `countMax`.
    static func list(_ text: String, countMax: Int) throws(SettingProblem) -> [String] {
        var items: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var item = part
            while item.first == " " { item.removeFirst() }
            while item.last == " " { item.removeLast() }
            guard !item.isEmpty else { throw SettingProblem("has an empty item") }
            guard !items.contains(String(item)) else {
                throw SettingProblem("has \(LineText.quoted(String(item), bytesMax: 100)) twice")
            }
            items.append(String(item))
        }
        guard items.count <= countMax else { throw SettingProblem("has \(items.count) items") }
        return items
    }
}
