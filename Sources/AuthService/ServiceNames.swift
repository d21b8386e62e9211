/// The full names of the services that authd has.
package enum ServiceNames {
    package static let auth = "authd.v1.AuthService"
    package static let health = "grpc.health.v1.Health"
}
