import Transport

extension AuthClient {
    /// What is wrong with an address that can never be connected to, or nil: for those who tell a
    /// wrong option from a daemon that is not there.
    package static func problem(ofAddress address: String) -> String? {
        do {
            _ = try SocketAddress(parsing: address)
            return nil
        } catch {
            return "\(error)"
        }
    }
}
