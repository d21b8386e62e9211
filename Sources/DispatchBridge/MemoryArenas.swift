import CEpoll
import Glibc

/// The heaps that glibc's `malloc` deals threads out to.
package enum MemoryArenas {
    /// Has one for each core instead of eight: what one thread allocates, another often frees, and each
    /// heap keeps what it once held. Two at the least, so that an event loop need not wait for a store's
    /// thread. To be called at the start of the program, before there are threads.
    package static func limit() {
        let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        cepoll_set_arena_max(CInt(clamping: max(2, cores)))
    }
}
