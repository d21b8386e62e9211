/// Where programs keep state for a user (XDG Base Directory Specification).
enum StateDirectory {
    /// `XDG_STATE_HOME`, or `~/.local/state`; nil when there is no home either.
    static func base(_ environment: [String: String]) -> String? {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state }
        guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
        return home + "/.local/state"
    }
}
