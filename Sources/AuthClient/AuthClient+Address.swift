import Transport

extension AuthClient {
    /// What is wrong with an invalid address, or nil: to distinguish an invalid option from an
    /// unreachable daemon.
    package static func problem(ofAddress address: String) -> String? {
        do {
            _ = try SocketAddress(parsing: address)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
