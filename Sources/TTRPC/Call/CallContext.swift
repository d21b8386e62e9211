package import Clocks

/// What a handler and an interceptor know about a call besides its payload. Owns all of it.
package struct CallContext: Sendable {
    package let descriptor: MethodDescriptor
    let connection: ConnectionInfo
    package let metadata: CallMetadata
    /// When the call arrived; calls that arrive together share one moment.
    package let receivedAt: BootTime
    /// When its turn came: later where its connection had sent more than one turn takes.
    package let startedAt: BootTime
    /// When the caller stops waiting; nil for never.
    package let deadline: BootTime?

    package init(
        descriptor: MethodDescriptor, connection: ConnectionInfo,
        metadata: CallMetadata = CallMetadata(),
        receivedAt: BootTime = .now, startedAt: BootTime? = nil, deadline: BootTime? = nil
    ) {
        self.descriptor = descriptor
        self.connection = connection
        self.metadata = metadata
        self.receivedAt = receivedAt
        self.startedAt = startedAt ?? receivedAt
        self.deadline = deadline
    }

    /// The full name, `grpc.health.v1.Health`.
    package var service: String { descriptor.service }
    /// The short name, `Check`.
    package var method: String { descriptor.method }
    package var peer: PeerIdentity { connection.peer }
}
