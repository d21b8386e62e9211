import Foundation
import Glibc

/// The user that a store belongs to: no other may open it.
enum StoreOwner {
    /// Stops root from opening another user's store, and says what to do.
    ///
    /// - Parameter path: of the SQLite file, or of its directory if that does not exist yet.
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
            .usage, "WRONG_USER", "\(path) belongs to user \(user), not to root",
            hint: "run it as the daemon's user: sudo -u \(user) authctl … --env-file FILE")
    }
}
