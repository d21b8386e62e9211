import Bytes
import Glibc

/// What is at the path of a file that is to be written.
enum OutputPlace {
    case nothing
    /// A regular file: a new one takes its place.
    case file
    /// A character device or a FIFO, by a symbolic link too: it is written to, and stays.
    case stream

    /// - Parameters:
    ///   - path: what is looked at.
    ///   - input: a path that is read meanwhile, `-` for standard input; it must be another file.
    /// - Throws: `Failure` for anything that is none of these, and for the file that is read.
    init(_ path: String, besides input: String) throws(Failure) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT {
                self = .nothing
                return
            }
            throw Failure(
                .usage, "FILE", "\(path) can't be created: \(systemMessage(errno))")
        }
        if status.st_mode & S_IFMT == S_IFLNK {
            var target = stat()
            guard stat(path, &target) == 0, OutputPlace.isStream(target) else {
                throw Failure(
                    .usage, "FILE", "\(path) is a symbolic link", hint: "name the file itself")
            }
            status = target
        }
        guard status.st_mode & S_IFMT == S_IFREG || OutputPlace.isStream(status) else {
            throw Failure(.usage, "FILE", "\(path) is neither a file nor a device to write to")
        }
        self = OutputPlace.isStream(status) ? .stream : .file
        var read = stat()
        let isKnown = input == "-" ? fstat(STDIN_FILENO, &read) == 0 : stat(input, &read) == 0
        // A terminal, or /dev/null, may well be both.
        if isKnown, read.st_mode & S_IFMT != S_IFCHR, read.st_dev == status.st_dev,
            read.st_ino == status.st_ino
        {
            throw Failure(
                .usage, "FILE", "\(path) is the file that is read", hint: "name another file")
        }
    }

    /// Whether it is a character device or a FIFO.
    static func isStream(_ status: stat) -> Bool {
        [S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT)
    }
}
