/// A service: its full name and its methods.
package struct RPCService: Sendable {
    /// The full name, `grpc.health.v1.Health`.
    package let name: String
    package let methods: [RPCMethod]

    package init(name: String, methods: [RPCMethod]) {
        self.name = name
        self.methods = methods
    }
}
