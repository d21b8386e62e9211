/// What a request's envelope may hold besides its payload.
package struct EnvelopeLimits: Equatable, Sendable {
    /// Metadata pairs. Callers here send four; 64 leaves room for proxies.
    package var metadataPairsMax: Int
    /// Bytes of all encoded pairs. A 4 KiB token and the other pairs fit.
    package var metadataBytesMax: Int

    package init(metadataPairsMax: Int = 64, metadataBytesMax: Int = 8 * 1024) {
        self.metadataPairsMax = metadataPairsMax
        self.metadataBytesMax = metadataBytesMax
    }
}
