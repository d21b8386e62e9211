/// Measured times in milliseconds.
struct Sample: CustomStringConvertible {
    /// In ascending order.
    private let values: [Double]

    init(_ values: [Double]) {
        self.values = values.sorted()
    }

    var median: Double { quantile(0.5) }

    func quantile(_ fraction: Double) -> Double {
        values.isEmpty ? .nan : values[Int(fraction * Double(values.count - 1))]
    }

    /// The sample as it were if everything had taken so many milliseconds more.
    func shifted(by milliseconds: Double) -> Sample {
        Sample(values.map { $0 + milliseconds })
    }

    /// How likely a value of this sample is above one of the other: Mann and Whitney's U over the
    /// number of pairs. 0.5 when nobody can tell them apart.
    func chanceOfExceeding(_ other: Sample) -> Double {
        var sum = 0.0
        for value in values {
            for rival in other.values {
                sum += value > rival ? 1 : value == rival ? 0.5 : 0
            }
        }
        return sum / Double(values.count * other.values.count)
    }

    var description: String {
        "p50 \(quantile(0.5)), p95 \(quantile(0.95)), maximum \(quantile(1))"
    }
}

/// Milliseconds from `begin` until now.
func milliseconds(since begin: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - begin) / .milliseconds(1)
}
