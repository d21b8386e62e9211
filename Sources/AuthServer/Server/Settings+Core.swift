import AuthCore
import TTRPC

extension PasswordPolicy {
    init(_ settings: PasswordSettings, breached: BreachedPasswords) {
        self.init(
            bytesMin: settings.bytesMin, scoreMin: settings.scoreMin,
            requiredClasses: Set(
                settings.classes.compactMap { AuthCore.CharacterClass(rawValue: $0.rawValue) }),
            breached: breached)
    }
}

extension SessionPolicy {
    init(_ configuration: ServerConfiguration) {
        self.init()
        accessTokenLifetime = .seconds(configuration.tokens.accessMinutes * 60)
        idleLimit = .seconds(configuration.tokens.refreshMinutes * 60)
        absoluteLimit = .seconds(configuration.sessions.daysMax * 86_400)
        sessionsPerUserMax = configuration.sessions.perUserMax
    }
}

extension ServerLimits {
    init(_ settings: LimitSettings, _ tls: TLSSettings) {
        self.init()
        connectionsMax = settings.connectionsMax
        connectionsPerOwnerMax = settings.connectionsPerUIDMax
        inFlightMax = settings.connectionRequestsMax
        requestBytesMax = settings.requestBytesMax
        drainSecondsMax = Double(settings.stallSeconds)
        halfFrameSecondsMax = Double(settings.stallSeconds)
        handshakeSecondsMax = Double(tls.handshakeSeconds)
        handshakesMax = tls.handshakesMax
        handshakesPerNetworkMax = tls.handshakesPerAddressMax
    }
}

extension LockoutPolicy {
    init(_ settings: ThrottleSettings) {
        self.init()
        freeFailures = settings.freeFailures
        freeFailuresOfNetwork = settings.networkFreeFailures
        delayMax = .seconds(settings.delayMaxSeconds)
        disablingFailures = settings.disablingFailures
    }
}
