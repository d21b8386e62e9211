import SQLiteStore

extension Failure {
    /// - Parameter error: of a restore.
    init(_ error: SQLiteRestoreError) {
        switch error {
        case .inUse:
            self.init(
                .refused, "STORE_IN_USE", "a process has the store open",
                hint: "stop all daemons that use it first")
        case .unsuitable(let text):
            self.init(
                .usage, "BACKUP_UNSUITABLE", text,
                hint: "name a file that 'authctl admin backup' made")
        case .kept(let path):
            self.init(
                .refused, "FILE_EXISTS", "\(path): exists already, from an earlier restore",
                hint: "move it away, or use --discard, which does not keep the present store")
        case .store(let cause):
            let failure = Failure(cause)
            self.init(
                .failed, failure.reason, failure.message,
                hint: "run it as the daemon's user, with its environment or --env-file")
        }
    }
}
