import Storage

extension Failure {
    /// - Parameter error: of a store that a command opened itself.
    init(_ error: StoreError) {
        let text = error.isLostRace ? "somebody else writes to the store" : error.text
        self.init(
            .failed, "STORE_UNAVAILABLE", text, hint: "run it again: it goes on where it stopped")
    }

    /// - Parameter error: of a copy.
    init(_ error: StoreCopyError) {
        let wroteMeanwhile =
            "something wrote meanwhile; stop all daemons and copy into an empty store"
        switch error {
        case .targetNotEmpty:
            self.init(
                .refused, "TARGET_NOT_EMPTY", "there is something in the target already",
                hint: "name an empty store")
        case .unfinished:
            self.init(
                .refused, "COPY_UNFINISHED", "the target holds a copy that was interrupted",
                hint: "go on with --resume")
        case .otherOrigin(let origin):
            self.init(
                .refused, "OTHER_SOURCE", "the copy in the target is of another source: \(origin)")
        case .nothingToResume:
            self.init(
                .refused, "NOTHING_TO_RESUME", "the target holds no copy that was interrupted",
                hint: "leave --resume away")
        case .differs(let key):
            self.init(
                .refused, "STORES_DIFFER", "\(key.partition)/\(key.row) differs in the two stores",
                hint: wroteMeanwhile)
        case .countsDiffer(let source, let target):
            self.init(
                .refused, "STORES_DIFFER",
                "the source has \(source) entities, the target \(target)", hint: wroteMeanwhile)
        case .store(let isTarget, let cause):
            let failure = Failure(cause)
            self.init(
                .failed, failure.reason, (isTarget ? "target: " : "source: ") + failure.message,
                hint: "go on with --resume")
        }
    }
}
