import Glibc

/// What the built-in defaults depend on; an argument, so that tests can simulate another machine.
package struct HostFacts: Sendable {
    /// Whether the process has the effective user id 0.
    package var isRoot: Bool
    /// Cores that are online; at least 1.
    package var cores: Int
    /// The absolute path that relative paths are resolved against.
    package var currentDirectory: String

    /// - Parameters:
    ///   - isRoot: whether the system's paths are the defaults.
    ///   - cores: at least 1.
    ///   - currentDirectory: an absolute path.
    package init(isRoot: Bool, cores: Int, currentDirectory: String) {
        self.isRoot = isRoot
        self.cores = max(1, cores)
        self.currentDirectory = currentDirectory
    }

    /// This process on this machine.
    package static var current: HostFacts {
        var directory = "/"
        if let path = getcwd(nil, 0) {
            directory = String(cString: path)
            free(path)
        }
        return HostFacts(
            isRoot: geteuid() == 0, cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            currentDirectory: directory)
    }

    /// `path` itself when it is absolute, else under the current directory.
    func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return currentDirectory.hasSuffix("/")
            ? currentDirectory + relative : currentDirectory + "/" + relative
    }
}
