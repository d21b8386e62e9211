/// What one entry of the policy lets its callers do.
package struct CallerRule: Sendable, Equatable {
    /// Whom the rule is about.
    package enum Match: Sendable, Hashable {
        /// The effective user of a process at a Unix socket, as reported by SO_PEERCRED.
        case user(UInt32)
        case anyUser
        /// Its effective group; supplementary groups do not count.
        case group(UInt32)
        /// A client certificate with this name and its kind, such as `dns:web.internal`.
        case certificate(String)
        /// Any client certificate of the CA.
        case anyCertificate
        /// TLS, if the daemon requests no certificate.
        case tlsWithoutCertificate
        /// A plain TCP connection from this machine, which says nothing about who it is.
        case localTCP
    }

    /// RPCs of one service.
    package enum Methods: Sendable, Equatable {
        case all
        /// Short names, such as `Login`; an empty set means nothing.
        case only(Set<String>)

        func contains(_ method: String) -> Bool {
            switch self {
            case .all: true
            case .only(let names): names.contains(method)
            }
        }
    }

    /// How many calls are allowed, counted per user or certificate.
    package struct Rate: Sendable, Equatable {
        /// Above zero.
        package var callsPerSecond: Double
        /// How many calls may come at once after a pause; at least 1.
        package var burst: Double

        package init(callsPerSecond: Double, burst: Double) {
            self.callsPerSecond = callsPerSecond
            self.burst = burst
        }
    }

    /// Whether `text` is a name with its kind, as in `PeerCertificate.names`.
    package static func isCertificateName(_ text: String) -> Bool {
        ["cn:", "dns:", "uri:", "email:", "ip:"].contains {
            text.hasPrefix($0) && text.utf8.count > $0.utf8.count
        }
    }

    /// The operator's name for it.
    package var name: String
    /// One of these must be true.
    package var matches: Set<Match>
    /// What may be called in `authd.v1.AuthService`.
    package var methods: Methods
    /// What may be called in `authd.v1.AdminService`.
    package var adminMethods: Methods
    /// Nil for no limit.
    package var rate: Rate?
    /// Whether `x-client-address` is trusted.
    package var believesClientAddress: Bool

    /// A rule; without more arguments it allows all of AuthService, and no more.
    package init(
        _ name: String, _ matches: Set<Match>, methods: Methods = .all,
        adminMethods: Methods = .only([]), rate: Rate? = nil, believesClientAddress: Bool = false
    ) {
        self.name = name
        self.matches = matches
        self.methods = methods
        self.adminMethods = adminMethods
        self.rate = rate
        self.believesClientAddress = believesClientAddress
    }

    /// Whether anything in the AdminService may be called.
    package var isAdministrator: Bool { adminMethods != .only([]) }
}
