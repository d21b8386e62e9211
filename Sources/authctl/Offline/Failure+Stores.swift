import Storage

extension Failure {
    /// - Parameter error: from a store that a command opened itself.
    init(_ error: StoreError) {
        let text = error.isLostRace ? "another process writes to the store" : error.text
        self.init(
            .failed, "STORE_UNAVAILABLE", text, hint: "run it again: it continues where it stopped")
    }

    /// - Parameter error: from a copy.
    init(_ error: StoreCopyError) {
        let wroteMeanwhile =
            "something wrote to a store meanwhile; stop all daemons and copy into an empty store"
        switch error {
        case .targetNotEmpty:
            self.init(
                .refused, "TARGET_NOT_EMPTY", "the target is not empty",
                hint: "name an empty store")
        case .unfinished:
            self.init(
                .refused, "COPY_UNFINISHED", "the target holds an interrupted copy",
                hint: "continue with --resume")
        case .otherOrigin(let origin):
            self.init(
                .refused, "OTHER_SOURCE", "the target's copy is from another source: \(origin)")
        case .nothingToResume:
            self.init(
                .refused, "NOTHING_TO_RESUME", "the target holds no interrupted copy",
                hint: "omit --resume")
        case .unsuitable(let key, let problem):
            self.init(
                .refused, "ENTITY_UNSUITABLE",
                "\(key.partition)/\(key.row) can't be copied: \(problem)",
                hint: "change or remove it in the source; a copy that was begun needs --resume")
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
                hint: "continue with --resume")
        }
    }
}
