/// When the caller of a store stops waiting. It goes with the task, so that nothing between a call's
/// handler and the store has to hand it on: `StoreDeadline.$current.withValue(deadline) { ... }`.
package enum StoreDeadline {
    /// Nil when nobody waits, as in background work: the store then has limits of its own.
    @TaskLocal package static var current: ContinuousClock.Instant?
}
