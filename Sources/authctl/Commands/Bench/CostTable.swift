/// How long bcrypt takes on a machine at each cost, and which cost is suitable.
struct CostTable: Equatable {
    /// One cost.
    struct Row: Equatable {
        let cost: Int
        /// One hash that has a core to itself.
        let seconds: Double
        /// On all cores.
        let perSecond: Double
        /// Whether the time was measured at this cost, or doubled or halved from another one.
        let isMeasured: Bool
    }

    /// Which cost to take.
    enum Advice: Equatable {
        /// The highest with which a lone login fits.
        case fits(Int)
        /// Even the highest that authd accepts fits.
        case highestFits(Int)
        /// None fits; this is the lowest that is not only for tests.
        case nothingFits(Int)

        var cost: Int {
            switch self {
            case .fits(let cost), .highestFits(let cost), .nothingFits(let cost): cost
            }
        }
    }

    /// In the order of their costs.
    let rows: [Row]
    private let measured: [Int: Double]

    /// - Parameters:
    ///   - costs: the costs of the rows.
    ///   - seconds: of one hash, at each cost that was measured: at least one.
    ///   - perSecond: hashes on all cores, at one cost.
    init(
        _ costs: ClosedRange<Int>, seconds: [Int: Double],
        perSecond: (cost: Int, rate: Double)
    ) {
        measured = seconds
        rows = costs.map { cost in
            Row(
                cost: cost, seconds: CostTable.seconds(at: cost, of: seconds),
                perSecond: perSecond.rate * CostTable.power(perSecond.cost - cost),
                isMeasured: seconds[cost] != nil)
        }
    }

    /// The time of one hash at `cost`, from that at the nearest measured cost: one step more
    /// doubles the rounds, and nothing else takes time.
    static func seconds(at cost: Int, of measured: [Int: Double]) -> Double {
        let nearest = measured.min { (abs($0.key - cost), $1.key) < (abs($1.key - cost), $0.key) }
        guard let nearest else { return .infinity }
        return nearest.value * power(cost - nearest.key)
    }

    /// The highest cost of the table at which a lone login fits into `loginSeconds`.
    ///
    /// - Parameters:
    ///   - loginSeconds: what a login may take.
    ///   - overhead: what it takes besides the hash.
    /// - Returns: the advice; always a cost in the table.
    func advice(loginSeconds: Double, overhead: Double = 0) -> Advice {
        let fitting = rows.last { $0.seconds + overhead <= loginSeconds }
        guard let fitting else { return .nothingFits(rows[0].cost) }
        return fitting == rows.last ? .highestFits(fitting.cost) : .fits(fitting.cost)
    }

    /// The time of one hash at any cost, in the table or not.
    func seconds(at cost: Int) -> Double { CostTable.seconds(at: cost, of: measured) }

    private static func power(_ exponent: Int) -> Double {
        (0..<abs(exponent)).reduce(1) { result, _ in exponent > 0 ? result * 2 : result / 2 }
    }
}
