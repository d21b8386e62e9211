import Configuration
import Synchronization

/// Looks settings up in the command line, the environment and the `.env` file, in this order.
///
/// An empty value counts as not set. Within one source the first name of a setting and its aliases
/// must agree; a source of higher precedence wins over a lower one, whichever name each of them
/// uses.
struct SettingReader {
    /// A value as it was given.
    struct Given {
        let text: String
        let source: SettingSource
    }

    /// No value is longer than this: 4 KiB holds any secret, path list or connection string.
    static let valueBytesMax = 4096

    /// What was read, in text form for `--check-config`, by the setting's name.
    private(set) var shown: [String: String] = [:]
    private let reader: ConfigReader
    private let answering = AnsweringProvider()
    private let sources: [SettingSource]

    /// - Parameters:
    ///   - options: values from the command line, by the setting's name.
    ///   - environment: the process's environment.
    ///   - file: the `.env` file, if there is one.
    /// - Throws: `unknownName` for a name of ours that does not exist, and `invalidValue` for a
    ///   secret on the command line.
    init(
        options: [String: String], environment: [String: String], file: EnvironmentFile?
    ) throws(ConfigurationError) {
        let fileSource = SettingSource.file(file?.path ?? "")
        sources = [.commandLine, .environment, fileSource]
        try SettingReader.checkOptions(options)
        try SettingReader.checkNames(environment.keys, .environment)
        try SettingReader.checkNames((file?.values ?? [:]).keys, fileSource)
        let secrets = SecretsSpecifier<String, String>.specific(
            Set(Setting.all.filter(\.isSecret).flatMap(\.allNames)))
        // The options can hold no secret; `checkOptions` has refused them.
        let optionValues = SettingReader.known(options).map {
            (AbsoluteConfigKey([$0.key]), ConfigValue(.string($0.value), isSecret: false))
        }
        reader = ConfigReader(
            providers: [
                InMemoryProvider(values: Dictionary(uniqueKeysWithValues: optionValues)),
                EnvironmentVariablesProvider(
                    environmentVariables: SettingReader.known(environment),
                    secretsSpecifier: secrets),
                EnvironmentVariablesProvider(
                    environmentVariables: SettingReader.known(file?.values ?? [:]),
                    secretsSpecifier: secrets),
            ], accessReporter: answering)
    }

    /// The given value, or nil when the default applies.
    ///
    /// - Throws: `conflictingNames`, or `invalidValue` for what no setting may contain.
    func given(_ setting: Setting) throws(ConfigurationError) -> Given? {
        var best: (rank: Int, name: String, text: String)?
        for name in setting.allNames {
            let text = reader.string(forKey: ConfigKey([name]), isSecret: setting.isSecret)
            guard let text, let rank = answering.takeIndex() else { continue }
            guard let found = best else {
                best = (rank, name, text)
                continue
            }
            if rank < found.rank {
                best = (rank, name, text)
            } else if rank == found.rank && text != found.text {
                throw .conflictingNames(found.name, name, source: sources[rank])
            }
        }
        guard let best else { return nil }
        let given = Given(text: best.text, source: sources[best.rank])
        if let problem = SettingReader.problem(given.text) {
            throw invalid(setting, given, SettingProblem(problem))
        }
        return given
    }

    /// Records what `--check-config` shows for `setting`.
    mutating func show(_ setting: Setting, _ text: String, _ source: SettingSource) {
        shown[setting.name] = "\(setting.name)=\(LineText.plain(text))  (\(source))"
    }

    /// The error for a wrong value; quotes it unless it is a secret.
    func invalid(
        _ setting: Setting, _ given: Given, _ problem: SettingProblem
    ) -> ConfigurationError {
        let quoted = LineText.quoted(given.text, bytesMax: 100)
        let phrase = setting.isSecret ? "is not allowed" : "\(quoted) is not allowed"
        return .invalidValue(
            name: setting.name, source: given.source, problem: problem.phrase ?? phrase,
            allowed: setting.allowed)
    }

    /// What is wrong with a text, regardless of the setting.
    private static func problem(_ text: String) -> String? {
        if text.utf8.count > valueBytesMax { return "has more than \(valueBytesMax) bytes" }
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) {
            return "has a control character"
        }
        // Invalid UTF-8 has been repaired on the way here; two secrets could become equal.
        if text.unicodeScalars.contains("\u{fffd}") { return "is not valid UTF-8" }
        return nil
    }

    /// The set values of known names. Others never reach the library, nor its reporters.
    private static func known(_ values: [String: String]) -> [String: String] {
        values.filter { Setting.knownNames.contains($0.key) && !$0.value.isEmpty }
    }

    private static func checkOptions(_ options: [String: String]) throws(ConfigurationError) {
        for name in options.keys.sorted() {
            guard let setting = Setting.all.first(where: { $0.allNames.contains(name) }) else {
                throw unknown(name, .commandLine)
            }
            guard !setting.isSecret else {
                throw .invalidValue(
                    name: name, source: .commandLine,
                    problem: "is a secret, and command lines can be read by other users",
                    allowed: "the environment or the .env file")
            }
        }
    }

    private static func checkNames(
        _ names: some Sequence<String>, _ source: SettingSource
    ) throws(ConfigurationError) {
        for name in names.sorted()
        where name.uppercased().hasPrefix("AUTHD_") && !Setting.knownNames.contains(name) {
            throw unknown(name, source)
        }
    }

    private static func unknown(_ name: String, _ source: SettingSource) -> ConfigurationError {
        let nearest = NearestName.find(name.uppercased(), in: Setting.knownNames)
        return .unknownName(name, source: source, nearest: nearest?.0 ?? "")
    }
}

/// Remembers which provider answered the last read: the library tells only its reporters.
private final class AnsweringProvider: AccessReporter {
    private let index = Mutex<Int?>(nil)

    func report(_ event: AccessEvent) {
        let found = event.providerResults.firstIndex { provider in
            if case .success(let lookup) = provider.result { lookup.value != nil } else { false }
        }
        index.withLock { $0 = found }
    }

    /// The position among the providers.
    func takeIndex() -> Int? {
        index.withLock { index in
            defer { index = nil }
            return index
        }
    }
}
