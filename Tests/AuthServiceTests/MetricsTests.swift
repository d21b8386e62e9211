import AuthMessages
import TTRPC
import Testing

@testable import AuthService

/// Numbers for a monitoring system.
struct MetricsTests {
    private static let service = RPCService(
        name: "a.B",
        methods: ["One", "Two"].map { RPCMethod($0) { _, payload in payload } })

    private func context(_ index: Int) -> CallContext {
        CallContext(
            descriptor: MethodDescriptor(
                service: "a.B", method: MetricsTests.service.methods[index].name, index: index),
            connection: ConnectionInfo(id: 1, peer: .inProcess))
    }

    private func lines(_ metrics: CallMetrics, atOnce: [UInt64] = [0, 0]) -> [String] {
        var text = MetricsText()
        metrics.write(to: &text, answersAtOnce: atOnce)
        return text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0) }
    }

    @Test func `Calls are counted by method, code and reason`() {
        let metrics = CallMetrics([MetricsTests.service])
        #expect(lines(metrics).count == 8 && lines(metrics).allSatisfy { $0.hasSuffix(" 0") })
        for _ in 0..<3 { metrics.finished(context(1), outcome: nil, duration: nil) }
        let refusals = [
            RPCError(.unauthenticated, .tokenExpired, "no"),
            RPCError(.unauthenticated, .tokenRevoked, "no"),
            RPCError(.unauthenticated, .tokenExpired, "no, and other words"),
            RPCError(.internal, "without a reason"),
        ]
        for refusal in refusals { metrics.finished(context(0), outcome: refusal, duration: nil) }
        func line(_ method: String, _ code: String, _ reason: String, _ count: Int) -> String {
            "authd_calls_total{service=\"a.B\",method=\"\(method)\",code=\"\(code)\","
                + "reason=\"\(reason)\"} \(count)"
        }
        let seen = lines(metrics).filter { !$0.hasSuffix(" 0") }
        #expect(
            seen == [
                line("One", "INTERNAL", "", 1), line("One", "UNAUTHENTICATED", "TOKEN_EXPIRED", 2),
                line("One", "UNAUTHENTICATED", "TOKEN_REVOKED", 1), line("Two", "OK", "", 3),
            ])
        // What is worth an alarm is there before it comes.
        for (code, reason) in [
            ("INTERNAL", "INTERNAL"), ("RESOURCE_EXHAUSTED", "OVERLOADED"),
            ("UNAVAILABLE", "STORE_UNAVAILABLE"),
        ] { #expect(lines(metrics).contains(line("Two", code, reason, 0))) }
        let more = lines(metrics, atOnce: [7, 4])
        #expect(more.contains(line("One", "OK", "", 7)) && more.contains(line("Two", "OK", "", 7)))
    }

    @Test func `Only calls that were timed are in the histogram`() {
        let metrics = CallMetrics([MetricsTests.service])
        metrics.finished(context(0), outcome: nil, duration: nil)
        metrics.finished(context(1), outcome: nil, duration: .milliseconds(30))
        let timed = lines(metrics).filter { $0.hasPrefix("authd_call_duration_seconds") }
        #expect(timed.count == DurationHistogram.boundsMicroseconds.count + 3)
        #expect(timed.allSatisfy { $0.contains("method=\"Two\"") })
        #expect(timed.contains { $0.contains("le=\"0.025\"} 0") })
        #expect(timed.contains { $0.contains("le=\"0.05\"} 1") })
        #expect(timed.contains { $0.contains("le=\"+Inf\"} 1") })
        #expect(timed.contains { $0.hasSuffix("_sum{service=\"a.B\",method=\"Two\"} 0.03") })
    }

    @Test func `A duration at a bound counts in its bucket, and a longer one in the next`() {
        for (index, bound) in DurationHistogram.boundsMicroseconds.enumerated() {
            let histogram = DurationHistogram()
            histogram.count(.microseconds(bound))
            histogram.count(.microseconds(bound) + .nanoseconds(1))
            let counts = histogram.snapshot.cumulativeCounts
            #expect(counts[index] == 1)
            #expect(counts[..<index].allSatisfy { $0 == 0 })
            #expect(counts[(index + 1)...].allSatisfy { $0 == 2 })
        }
        let histogram = DurationHistogram()
        histogram.count(.seconds(86_400))
        histogram.count(.seconds(-1))
        #expect(histogram.snapshot.cumulativeCounts.last == 1)
        #expect(histogram.snapshot.count == 2)
        #expect(histogram.snapshot.sumNanoseconds == 86_400_000_000_000)
    }

    @Test func `Label values are escaped`() {
        var text = MetricsText()
        text.family("m", .gauge, "Help.")
        text.sample("m", [("a", "b\"c\\d\ne"), ("f", "")], 1.5)
        text.sample("m", [], 2)
        #expect(
            text.text == """
                # HELP m Help.
                # TYPE m gauge
                m{a="b\\"c\\\\d\\ne",f=""} 1.5
                m 2

                """)
    }

    @Test func `Counting from many threads loses nothing`() async {
        let metrics = CallMetrics([MetricsTests.service])
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        metrics.finished(context(0), outcome: nil, duration: .microseconds(1))
                        metrics.finished(
                            context(0), outcome: RPCError(.aborted, .conflict, "no"), duration: nil)
                    }
                }
            }
        }
        let lines = lines(metrics)
        #expect(lines.contains { $0.hasSuffix("code=\"OK\",reason=\"\"} 8000") })
        #expect(lines.contains { $0.hasSuffix("code=\"ABORTED\",reason=\"CONFLICT\"} 8000") })
        #expect(lines.contains { $0.contains("le=\"0.00025\"} 8000") })
    }
}
