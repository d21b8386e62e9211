/// Takes work on many accounts in portions: between two of them, the event loop that it runs on
/// serves its connections.
struct Portions {
    /// Steps of a portion: about a third of a millisecond, where a page of 1,000 accounts would hold
    /// up everybody else on the loop for several.
    private static let steps = 64

    private var count = 0

    /// To be called for each account; lets others have their turn after each portion.
    mutating func step() async {
        count += 1
        if count.isMultiple(of: Portions.steps) { await Task.yield() }
    }
}
