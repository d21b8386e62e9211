import Glibc

extension AuditDestination {
    /// Why the file could not be opened; nil also when that can't be known in advance. Nothing is
    /// opened or created.
    package var trouble: AuditLogError? {
        guard case .file(let path) = self else { return nil }
        var status = stat()
        if lstat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFDIR: return .unusable(path: path, problem: "is a directory")
            case S_IFLNK: return .unusable(path: path, problem: "is a symbolic link")
            default: break
            }
            guard access(path, W_OK) == 0 else {
                return .system(call: "access", path: path, code: errno)
            }
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            return AuditFileOutput.problem(status, path)
        }
        guard errno == ENOENT else { return .system(call: "lstat", path: path, code: errno) }
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        guard access(directory.isEmpty ? "/" : directory, W_OK | X_OK) == 0 else {
            return .system(call: "access", path: directory, code: errno)
        }
        return nil
    }
}
