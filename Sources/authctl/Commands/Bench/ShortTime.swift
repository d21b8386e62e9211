import ArgumentParser
import Foundation

/// A time on the command line: `250ms` or `0.25s`.
struct ShortTime: ExpressibleByArgument, Equatable {
    let seconds: Double

    init(seconds: Double) {
        self.seconds = seconds
    }

    init?(argument: String) {
        let units = [("ms", 1e-3), ("s", 1.0)]
        guard let unit = units.first(where: { argument.hasSuffix($0.0) }) else { return nil }
        let digits = argument.dropLast(unit.0.count)
        // Double accepts more: signs, exponents, hexadecimal, "nan".
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }),
            let number = Double(digits)
        else { return nil }
        seconds = number * unit.1
    }

    var defaultValueDescription: String { description }
}

extension ShortTime: CustomStringConvertible {
    /// `250 ms`, `1.5 s`
    var description: String {
        seconds < 1
            ? String(format: "%g ms", seconds * 1000) : String(format: "%g s", seconds)
    }
}
