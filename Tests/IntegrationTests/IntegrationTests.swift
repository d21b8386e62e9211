import Testing

/// The built daemon as a process, over real sockets. One test at a time: some of them measure.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct IntegrationTests {}
