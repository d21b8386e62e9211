/// A descriptor's place in an `EventLoop`.
package struct EventRegistration: Sendable {
    /// The descriptor that is watched.
    package let descriptor: Int32
    let slot: Int
    /// Distinguishes this use of the slot from earlier ones: an event fetched before the slot
    /// changed hands carries the old number and is dropped.
    let generation: UInt32

    var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}
