import Foundation
import Glibc

/// The user a store belongs to, who alone may open it.
enum StoreOwner {
    /// Says what to do where root would open another user's store.
    ///
    /// - Parameter path: of the SQLite file, or of its directory when that is not there yet.
    /// - Throws: `Failure`.
    static func check(_ path: String) throws(Failure) {
        var status = stat()
        let directory = (path as NSString).deletingLastPathComponent
        guard geteuid() == 0, stat(path, &status) == 0 || stat(directory, &status) == 0,
            status.st_uid != 0
        else { return }
        let name = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) }
        let user = name ?? "'#\(status.st_uid)'"
        throw Failure(
            .usage, "WRONG_USER", "\(path) belongs to the user \(user), and root is not it",
            hint: "run it as the daemon's user: sudo -u \(user) authctl …, with --env-file")
    }
}
