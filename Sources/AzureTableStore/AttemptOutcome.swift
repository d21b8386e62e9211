/// The outcome of sending a request once.
struct AttemptOutcome: Sendable {
    /// The response, if there was one.
    var answer: Answer?
    /// For the operator, if it is not a success.
    let problem: String
    /// Whether nobody waits for it any longer.
    var isCancelled = false
    var mayBeRepeated = false
    /// Whether the request may have been carried out, although nothing says so.
    var mayHaveBeenDone = false
    /// Whether it may have been carried out before the sending that was answered.
    var mayHaveBeenDoneBefore = false
    /// Whether it is transient, like a failure of the service or the network.
    var isPassing = false
    /// How long the service wants to be left alone.
    var retryAfter: Duration?
}
