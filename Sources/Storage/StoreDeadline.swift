/// When the caller of a store stops waiting. It travels with the task, so that nothing between a
/// call's handler and the store has to pass it on:
/// `StoreDeadline.$current.withValue(deadline) { ... }`.
package enum StoreDeadline {
    /// Nil when nobody waits, as in background work: the store then has its own limits.
    @TaskLocal package static var current: ContinuousClock.Instant?
}
