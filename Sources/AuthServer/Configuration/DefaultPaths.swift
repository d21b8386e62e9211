/// The default paths.
///
/// Root gets the system's places. Everybody else gets the XDG base directories, and never `/tmp`:
/// there another user could create the directory first.
struct DefaultPaths {
    let isRoot: Bool
    let environment: [String: String]

    /// The state directory, or nil if neither XDG_STATE_HOME nor HOME is set.
    var stateDirectory: String? {
        if isRoot { return "/var/lib/authd" }
        if let base = absolutePath("XDG_STATE_HOME") { return base + "/authd" }
        return absolutePath("HOME").map { $0 + "/.local/state/authd" }
    }

    /// The socket's path, in `stateDirectory` when there is no runtime directory.
    func socket(stateDirectory: String) -> String {
        if isRoot { return "/run/authd/authd.sock" }
        if let base = absolutePath("XDG_RUNTIME_DIR") { return base + "/authd/authd.sock" }
        return stateDirectory + "/authd.sock"
    }

    /// The XDG specification says to ignore relative paths.
    private func absolutePath(_ name: String) -> String? {
        guard var path = environment[name], path.hasPrefix("/") else { return nil }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
