/// The names of a method, made once per router.
package final class MethodDescriptor: Sendable {
    /// The full name, `grpc.health.v1.Health`.
    package let service: String
    /// The short name, `Check`.
    package let method: String
    /// Its place among the router's methods, from 0.
    package let index: Int

    /// - Parameters:
    ///   - service: the full name.
    ///   - method: the short name.
    ///   - index: unique among the router's methods.
    package init(service: String, method: String, index: Int) {
        self.service = service
        self.method = method
        self.index = index
    }
}
