import ArgumentParser
import AuthServer
import Glibc

/// The options that every setting has, generated from the table of settings.
enum SettingOptions {
    /// One line per option.
    static var help: String {
        Setting.all.compactMap { setting in
            guard let option = setting.optionName, option != "--env-file" else { return nil }
            let padding = String(repeating: " ", count: max(1, 32 - option.count))
            return "  \(option)\(padding)\(setting.name): \(setting.meaning)"
        }.joined(separator: "\n")
    }

    /// The process's environment.
    static var environment: [String: String] {
        var values: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                values[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            entry += 1
        }
        return values
    }

    /// The settings given by `--name value` and `--name=value`, by the setting's name.
    ///
    /// - Throws: `ValidationError` for an option that no setting has, or a missing value.
    static func parse(_ arguments: [String]) throws -> [String: String] {
        var names: [String: String] = [:]
        for setting in Setting.all {
            if let option = setting.optionName { names[option] = setting.name }
        }
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                throw ValidationError(
                    "Unexpected argument, not repeated here as it may be a secret. See"
                        + " 'authd --help'.")
            }
            let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = names[String(parts[0])] else {
                throw ValidationError("Unknown option '\(parts[0])'. See 'authd --help'.")
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw ValidationError("Missing value for '\(argument)'.")
            }
            values[name] = value
        }
        return values
    }
}
