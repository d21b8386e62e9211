/// One variable an operator can set: everything that is known about it, in one place.
///
/// Reading, `--check-config`, the refusal of unknown names and `.env_example` all come from the
/// table of these (`Setting.all`), so that none of them can drift from the others.
package struct Setting: Sendable, Equatable {
    /// What a value may be.
    package enum Kind: Sendable, Equatable {
        /// A decimal integer in the range, both ends allowed; `unit` is shown after it.
        case integer(ClosedRange<Int>, unit: String)
        /// One of the words, spelled exactly like this.
        case choice([String])
        /// Other text; the words say what is allowed.
        case text(String)
        /// Text that is never shown, never logged, and never taken from the command line.
        case secret(String)
    }

    /// The default.
    package enum Default: Sendable, Equatable {
        /// This text, parsed like a given one.
        case text(String)
        /// A value determined at the start, or none; the words say which.
        case words(String)
    }

    /// The heading under which `.env_example` shows the variable.
    package enum Group: String, Sendable, CaseIterable {
        case tokens = "Tokens and keys"
        case sessions = "Sessions"
        case store = "Where accounts are stored"
        case sockets = "Where the daemon listens"
        case callers = "Who may call"
        case tls = "TLS"
        case hashing = "Password hashing"
        case throttling = "Against guessing"
        case passwords = "Rules for new passwords"
        case limits = "Limits"
        case operation = "Logs and operation"
    }

    /// The name in the environment and in the `.env` file.
    package let name: String
    /// Other names for the same value, from older set-ups.
    package let aliases: [String]
    /// Its heading.
    package let group: Group
    /// What a value may be.
    package let kind: Kind
    /// The default.
    package let defaultValue: Default
    /// One or more sentences.
    package let meaning: String

    init(
        _ name: String, aliases: [String] = [], _ group: Group, _ kind: Kind,
        _ defaultValue: Default, _ meaning: String
    ) {
        self.name = name
        self.aliases = aliases
        self.group = group
        self.kind = kind
        self.defaultValue = defaultValue
        self.meaning = meaning
    }

    /// Whether the value must never be shown.
    package var isSecret: Bool {
        if case .secret = kind { true } else { false }
    }

    /// What is allowed, in words, for messages and `.env_example`.
    package var allowed: String {
        switch kind {
        case .integer(let range, let unit):
            "\(range.lowerBound) to \(range.upperBound)" + (unit.isEmpty ? "" : " \(unit)")
        case .choice(let words): words.joined(separator: ", ")
        case .text(let words), .secret(let words): words
        }
    }

    /// The corresponding command-line option, such as `--bcrypt-cost`, or nil for secrets:
    /// a command line can be read by every user on the machine.
    package var optionName: String? {
        guard !isSecret else { return nil }
        let stem = name.hasPrefix("AUTHD_") ? name.dropFirst("AUTHD_".count) : name[...]
        return "--" + stem.lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
    }

    /// The name and its aliases.
    var allNames: [String] { [name] + aliases }
}
