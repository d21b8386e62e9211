/// The meaning of the exit codes.
enum ExitStatus: Int32 {
    /// The daemon refused.
    case refused = 1
    /// Wrong options or input.
    case usage = 2
    /// The daemon can't be reached.
    case unreachable = 3
    /// The daemon failed, is overloaded or took too long.
    case failed = 4
    /// Trouble on this machine: with saved tokens or keys, or with writing the output.
    case localState = 5
}
