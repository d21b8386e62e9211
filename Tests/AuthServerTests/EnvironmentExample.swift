import AuthServer

/// Writes `.env_example`: every setting with its comment, none of them active.
enum EnvironmentExample {
    private static let columns = 100

    /// The whole file, from the table of settings.
    static func text() -> String {
        var lines = [
            "# The settings of authd. Copy this file to .env, uncomment the lines you change, and",
            "# chmod 600 it: a file with secrets that other users can read is refused.",
            "# Command-line options win over the environment, that over .env, and .env over the",
            "# defaults shown here. An empty value counts as not set. Nothing is expanded.",
        ]
        for group in Setting.Group.allCases {
            let rule = String(repeating: "-", count: 4)
            lines += ["", "# \(rule) \(group.rawValue) \(rule)"]
            for setting in Setting.all where setting.group == group {
                lines.append("")
                lines += comment(setting)
                lines.append("#\(setting.name)=\(fixedDefault(setting))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func fixedDefault(_ setting: Setting) -> String {
        if case .text(let text) = setting.defaultValue { text } else { "" }
    }

    /// Meaning, what is allowed, default and aliases, in comment lines of at most 100 columns.
    private static func comment(_ setting: Setting) -> [String] {
        var text = "\(setting.meaning) Allowed: \(setting.allowed)."
        switch setting.defaultValue {
        case .text(let fixed): text += " Default: \(fixed)."
        case .words(let words): text += " Default: \(words)."
        }
        if !setting.aliases.isEmpty {
            text += " Alias: \(setting.aliases.joined(separator: ", "))."
        }
        if setting.isSecret { text += " Secret." }
        var lines: [String] = []
        var line = "#"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > columns {
                lines.append(line)
                line = "#"
            }
            line += " " + word
        }
        return lines + [line]
    }
}
