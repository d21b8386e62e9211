package import AuthService
import Glibc

/// Who may call, from AUTHD_CALLERS_FILE or, if there is none, from the other variables of its
/// group.
package struct CallerSettings: Sendable {
    /// The absolute path of the policy file; nil when the variables define the policy.
    package let file: String?
    /// The policy at the start.
    package let policy: CallerPolicy

    /// Each of them is one user, group or certificate of one machine's services.
    private static let namesMax = 64

    init(
        _ reader: inout SettingReader, host: HostFacts
    ) throws(ConfigurationError) {
        file = try reader.optional(.callersFile) { host.absolute($0) }
        let variables = try Variables(&reader)
        guard let file else {
            policy = variables.policy
            return
        }
        for setting in Setting.replacedByCallersFile {
            guard let given = try reader.given(setting) else { continue }
            throw .invalidValue(
                name: setting.name, source: given.source,
                problem: "is set together with AUTHD_CALLERS_FILE, which replaces it",
                allowed: "only one of the two")
        }
        do {
            policy = try CallerFile.load(file)
        } catch {
            throw error.naming(.callersFile)
        }
    }

    /// The simple case.
    private struct Variables {
        let allowedUsers: Set<uid_t>?
        let allowedGroups: Set<gid_t>?
        let administrators: Set<uid_t>
        let administratorCertificates: Set<String>
        let believed: Set<uid_t>
        let rate: CallerRule.Rate?

        init(_ reader: inout SettingReader) throws(ConfigurationError) {
            allowedUsers = try Variables.users(.allowUIDs, &reader)
            allowedGroups = try Variables.ids(.allowGIDs, &reader, AccountNames.group)
            let trusted: Set<uid_t> = [0, geteuid()]
            administrators = try Variables.users(.adminUIDs, &reader) ?? trusted
            administratorCertificates =
                try reader.optional(.adminCertificates) { text throws(SettingProblem) in
                    let names = try SettingReader.list(
                        text, countMax: CallerSettings.namesMax)
                    guard names.allSatisfy(CallerRule.isCertificateName) else {
                        throw .notAllowed
                    }
                    return Set(names)
                } ?? []
            believed = try Variables.users(.clientAddressUIDs, &reader) ?? trusted
            rate = try reader.optional(.callerRate) { text throws(SettingProblem) in
                guard case .integer(let range, _) = Setting.callerRate.kind,
                    let number = Int(text), range.contains(number), text.utf8.first != 0x2b
                else { throw .notAllowed }
                return CallerRule.Rate(callsPerSecond: Double(number), burst: Double(number))
            }
        }

        /// A user named in several variables gets one rule, which comes before those that
        /// apply to many.
        var policy: CallerPolicy {
            var rules = administrators.union(believed).sorted().map { uid in
                let isAdministrator = administrators.contains(uid)
                return CallerRule(
                    "uid \(uid)", [.user(uid)],
                    adminMethods: isAdministrator ? .all : .only([]),
                    rate: isAdministrator ? nil : rate,
                    believesClientAddress: believed.contains(uid))
            }
            if !administratorCertificates.isEmpty {
                rules.append(
                    CallerRule(
                        Setting.adminCertificates.name,
                        Set(administratorCertificates.map { .certificate($0) }),
                        adminMethods: .all))
            }
            rules.append(CallerRule("client certificates", [.anyCertificate], rate: rate))
            guard allowedUsers != nil || allowedGroups != nil else {
                rules.append(
                    CallerRule(
                        "everybody at the socket", [.anyUser, .localTCP, .tlsWithoutCertificate],
                        rate: rate))
                return CallerPolicy(rules)
            }
            let allowed =
                (allowedUsers ?? []).map { CallerRule.Match.user($0) }
                + (allowedGroups ?? []).map { CallerRule.Match.group($0) }
            rules.append(
                CallerRule("AUTHD_ALLOW_UIDS and AUTHD_ALLOW_GIDS", Set(allowed), rate: rate))
            return CallerPolicy(rules)
        }

        private static func users(
            _ setting: Setting, _ reader: inout SettingReader
        ) throws(ConfigurationError) -> Set<uid_t>? {
            try ids(setting, &reader, AccountNames.user)
        }

        private static func ids(
            _ setting: Setting, _ reader: inout SettingReader, _ find: (String) -> UInt32?
        ) throws(ConfigurationError) -> Set<UInt32>? {
            try reader.optional(setting) { text throws(SettingProblem) in
                var found: Set<UInt32> = []
                for name in try SettingReader.list(text, countMax: CallerSettings.namesMax) {
                    guard let id = find(name) else {
                        throw SettingProblem(
                            "names nobody on this machine: "
                                + LineText.quoted(name, bytesMax: 100))
                    }
                    found.insert(id)
                }
                return found
            }
        }
    }
}
