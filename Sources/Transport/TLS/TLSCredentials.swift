import Synchronization

/// The TLS context of a listener, which can be replaced while it listens. Connections keep the one
/// they started with.
package final class TLSCredentials: Sendable {
    private let context: Mutex<TLSContext>

    /// - Throws: `TLSMaterialError`.
    package init(_ material: TLSServerMaterial) throws(TLSMaterialError) {
        context = Mutex(try TLSContext(server: material))
    }

    /// Certificates, key and authorities for handshakes from now on. Earlier sessions can't be
    /// resumed: their certificates were checked against other authorities.
    ///
    /// - Throws: `TLSMaterialError`; nothing has changed then.
    package func replace(_ material: TLSServerMaterial) throws(TLSMaterialError) {
        let new = try TLSContext(server: material)
        context.withLock { $0 = new }
    }

    /// The context for a new connection.
    package var current: TLSContext { context.withLock { $0 } }
}
