import Bytes
import Glibc

/// A hash and the thread that waits for it.
///
/// `@unchecked Sendable`: `lane`, `digest` and `isFinished` are used by one thread at a time, the
/// one that has the ticket. It changes hands through the lock of `BcryptLanes` (from the waiting
/// thread to a computing one) and through the semaphore (back, or on to the next), which order the
/// accesses.
final class BcryptTicket: @unchecked Sendable {
    let lane: BcryptLane
    private(set) var isFinished = false
    /// The 31 characters, when it is finished.
    private(set) var digest = SecretBytes()
    /// What the waiting thread is to compute when it is woken, its own hash among it; nothing when
    /// its own is finished.
    private var handedOver: [BcryptTicket] = []
    private let woken: UnsafeMutablePointer<sem_t>

    init(_ lane: BcryptLane) {
        self.lane = lane
        woken = .allocate(capacity: 1)
        woken.initialize(to: sem_t())
        // Fails only for a value over the maximum.
        _ = sem_init(woken, 0, 0)
    }

    deinit {
        sem_destroy(woken)
        woken.deallocate()
    }

    /// Takes the digest from the lane, whose rounds are done.
    func finish() {
        digest = lane.finish { text in SecretBytes(copying: text) }
        isFinished = true
    }

    /// Blocks until another thread has finished the hash, or passes it on.
    func wait() -> [BcryptTicket] {
        while sem_wait(woken) != 0 {
            // A signal handler ran.
            precondition(errno == EINTR, "a semaphore of our own is broken")
        }
        defer { handedOver = [] }
        return handedOver
    }

    /// Wakes the thread that waits.
    func wake(with tickets: [BcryptTicket]) {
        handedOver = tickets
        sem_post(woken)
    }
}
