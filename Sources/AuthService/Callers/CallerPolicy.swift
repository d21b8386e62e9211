package import TTRPC

/// Who may call what. The first rule that matches a caller decides; a caller without a match may
/// call nothing.
package struct CallerPolicy: Sendable, Equatable {
    package var rules: [CallerRule]

    /// - Parameter rules: in the order in which they are tried.
    package init(_ rules: [CallerRule]) {
        self.rules = rules
    }

    /// The daemon's calls to itself never come over a socket.
    private static let ownRule = CallerRule(
        "this process", [], adminMethods: .all, believesClientAddress: true)

    /// The rule for a caller with its place in `rules`, or nil when none matches.
    package func rule(for peer: PeerIdentity) -> (place: Int, rule: CallerRule)? {
        if peer == .inProcess { return (-1, CallerPolicy.ownRule) }
        for (place, rule) in rules.enumerated() where rule.matches(peer) {
            return (place, rule)
        }
        return nil
    }
}

extension CallerRule {
    func matches(_ peer: PeerIdentity) -> Bool {
        switch peer {
        case .unix(let uid, let gid, _):
            matches.contains(.user(uid)) || matches.contains(.group(gid))
                || matches.contains(.anyUser)
        case .tls(_, nil): matches.contains(.tlsWithoutCertificate)
        case .tls(_, let certificate?):
            matches.contains(.anyCertificate)
                || certificate.names.contains { matches.contains(.certificate($0)) }
        case .tcp: matches.contains(.localTCP)
        case .inProcess: false
        }
    }
}
