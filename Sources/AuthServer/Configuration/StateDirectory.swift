import Bytes
import Glibc

/// The directory that holds what the daemon must not lose.
package enum StateDirectory {
    /// Creates the directory at the absolute `path`, and missing ones above it, with mode
    /// 0700, and checks that only we can change it.
    ///
    /// - Throws: `unusableFile` when it can't be created, belongs to somebody else, or can be
    ///   changed by others.
    package static func prepare(_ path: String) throws(ConfigurationError) {
        close(try open(path))
    }

    /// As `prepare`, returning a descriptor of the directory, which the caller closes.
    static func open(_ path: String) throws(ConfigurationError) -> CInt {
        try make(path)
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unusableFile(
                path: path, problem: "can't be opened as a directory: \(systemMessage(errno))")
        }
        do throws(ConfigurationError) {
            try check(path, descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func make(_ path: String) throws(ConfigurationError) {
        var prefix = ""
        for component in path.split(separator: "/") {
            prefix += "/" + component
            guard mkdir(prefix, 0o700) != 0, errno != EEXIST else { continue }
            // A directory on the way may exist that we may not even try to create.
            let reason = errno
            guard access(prefix, F_OK) != 0 else { continue }
            throw .unusableFile(
                path: prefix, problem: "can't be created: \(systemMessage(reason))")
        }
    }

    private static func check(_ path: String, _ descriptor: CInt) throws(ConfigurationError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unusableFile(path: path, problem: "can't be examined: \(systemMessage(errno))")
        }
        guard status.st_uid == geteuid() else {
            throw .unusableFile(
                path: path,
                problem: "belongs to uid \(status.st_uid), but the daemon is uid \(geteuid());"
                    + " chown it or set AUTHD_STATE_DIR")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw .unusableFile(
                path: path,
                problem: "is writable by other users (mode \(OctalMode.text(status.st_mode)));"
                    + " chmod 700 it")
        }
    }
}
