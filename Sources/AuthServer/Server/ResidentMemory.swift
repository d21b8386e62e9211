import Glibc

/// The daemon's own memory, as the kernel counts it.
enum ResidentMemory {
    /// What is in RAM, in bytes (proc_pid_statm(5)); nil when the kernel does not say.
    static var byteCount: Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let text: String? = withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { bytes in
            let count = read(descriptor, bytes.baseAddress, bytes.count)
            return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
        }
        let fields = text?.split(separator: " ") ?? []
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
