/// What one sending of a request came to.
struct AttemptOutcome: Sendable {
    /// The response, if there was one.
    var answer: Answer?
    /// For the operator, when it is no success.
    let problem: String
    var mayBeRepeated = false
    /// Whether the request may have been carried out, although nothing says so.
    var mayHaveBeenDone = false
    /// Whether it may have been carried out before the sending that was answered.
    var mayHaveBeenDoneBefore = false
    /// Whether it passes by itself, as a failure of the service or the network does.
    var isPassing = false
    /// How long the service wants to be left alone.
    var retryAfter: Duration?
}
