/// Why work was not done by a `WorkerPool`. In every case it never started.
package enum WorkerPoolError: Error, Equatable {
    /// The queue is full.
    case queueFull
    /// The deadline passed before a thread was free.
    case deadlineExceeded
    /// The task that requested it was cancelled while the work was queued.
    case cancelled
    /// The pool was shut down.
    case shutDown
}
