/// The full names of authd's services.
package enum ServiceNames {
    package static let auth = "authd.v1.AuthService"
    /// For administrators only; `CallerDoor` enforces it.
    package static let admin = "authd.v1.AdminService"
    package static let health = "grpc.health.v1.Health"
}
