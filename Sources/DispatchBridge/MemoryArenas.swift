import CEpoll
import Glibc

/// The heaps among which glibc's `malloc` distributes threads.
package enum MemoryArenas {
    /// Uses one per core instead of eight: what one thread allocates, another often frees, and each
    /// heap keeps what it once held. At least two, so that an event loop need not wait for a
    /// store's thread. To be called at the start of the program, before there are threads.
    package static func limit() {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        cepoll_set_arena_max(CInt(clamping: max(2, cores)))
    }
}
