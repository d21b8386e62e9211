import Glibc

/// Where the daemon listens by default; the same rule as the daemon's own.
enum DefaultSocket {
    /// The address: `override`, then AUTHD_SOCKET, then the default place.
    ///
    /// - Throws: `Failure` when there is no default place.
    static func address(
        override: String?, environment: [String: String], isRoot: Bool = geteuid() == 0
    ) throws(Failure) -> String {
        if let override { return override }
        if let named = environment["AUTHD_SOCKET"], !named.isEmpty { return named }
        if isRoot { return "unix:/run/authd/authd.sock" }
        if let runtime = environment["XDG_RUNTIME_DIR"], !runtime.isEmpty {
            return "unix:\(runtime)/authd/authd.sock"
        }
        guard let state = StateDirectory.base(environment) else {
            throw Failure(
                .usage, "NO_SOCKET", "there is nowhere to look for authd",
                hint: "name it with --socket or AUTHD_SOCKET")
        }
        return "unix:\(state)/authd/authd.sock"
    }
}
