import TTRPC

/// Counts the calls of callers that have a rate: a token bucket per user or certificate.
///
/// Bounded: a bucket that is full again carries no information and gives up its place; while there
/// is none to free, newcomers of a rule share one bucket.
struct CallBuckets {
    /// About 100 bytes each. More users than a machine's services have.
    static let countMax = 4096

    private struct Key: Hashable {
        let place: Int
        let owner: CallerIdentity
    }

    private struct Bucket {
        var calls: Double
        var at: ContinuousClock.Instant

        mutating func refill(_ rate: CallerRule.Rate, _ now: ContinuousClock.Instant) {
            let seconds = (now - at) / .seconds(1)
            calls = min(rate.burst, calls + max(0, seconds) * rate.callsPerSecond)
            at = max(at, now)
        }
    }

    private var buckets: [Key: Bucket] = [:]

    /// How many there are.
    var count: Int { buckets.count }

    /// Takes one call of `peer`.
    ///
    /// - Returns: nil when it may pass, else how long until one more may.
    mutating func take(
        _ peer: PeerIdentity, place: Int, rate: CallerRule.Rate, rules: [CallerRule],
        now: ContinuousClock.Instant
    ) -> Duration? {
        var key = Key(place: place, owner: CallerIdentity(peer))
        if buckets[key] == nil, buckets.count >= CallBuckets.countMax {
            removeFull(rules, now)
            if buckets.count >= CallBuckets.countMax { key = Key(place: place, owner: .shared) }
        }
        var bucket = buckets[key] ?? Bucket(calls: rate.burst, at: now)
        bucket.refill(rate, now)
        defer { buckets[key] = bucket }
        guard bucket.calls >= 1 else {
            return .seconds((1 - bucket.calls) / rate.callsPerSecond)
        }
        bucket.calls -= 1
        return nil
    }

    private mutating func removeFull(_ rules: [CallerRule], _ now: ContinuousClock.Instant) {
        buckets = buckets.filter { key, bucket in
            guard rules.indices.contains(key.place), let rate = rules[key.place].rate else {
                return false
            }
            var bucket = bucket
            bucket.refill(rate, now)
            return bucket.calls < rate.burst
        }
    }
}
