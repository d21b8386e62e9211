/// The names of a method, made once per router.
package final class MethodDescriptor: Sendable {
    /// The full name, `grpc.health.v1.Health`.
    package let service: String
    /// The short name, `Check`.
    package let method: String

    package init(service: String, method: String) {
        self.service = service
        self.method = method
    }
}
