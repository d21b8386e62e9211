import AuthCore
import TestSupport
import Testing

/// The stored form must be a fixed point: a form that parses to another form loses its account.
@Suite struct EmailAddressStabilityTests {
    private func expectStable(_ input: String) {
        guard let first = try? EmailAddress(parsing: input) else { return }
        guard let second = try? EmailAddress(parsing: first.text) else {
            Issue.record("A stored form is refused: \(input.unicodeScalars.map(\.value))")
            return
        }
        if Array(first.text.utf8) != Array(second.text.utf8) {
            Issue.record("A stored form changes: \(input.unicodeScalars.map(\.value))")
        }
    }

    @Test(arguments: [
        "İ", "ı", "I\u{307}", "ß", "ẞ", "Σ", "ΑΣ", "ΑΣ.Α", "ς", "ǅ", "Ǆ", "ŉ", "ΐ", "Ϊ\u{301}",
        "\u{212b}", "\u{212a}", "\u{2126}", "a\u{323}\u{307}", "a\u{307}\u{323}", "A\u{30a}",
        "\u{1100}\u{1161}\u{11a8}", "\u{1fb3}", "\u{1fbc}", "\u{345}a", "A\u{345}\u{301}",
        "\u{958}", "\u{915}\u{93c}", "\u{f900}", "\u{2adc}", "\u{ab70}", "\u{13a0}", "\u{10a0}",
        "\u{1e911}", "\u{10400}", "J\u{30c}", "ﬀ",
    ])
    func `Parsing is idempotent for letters that are hard to normalise`(text: String) {
        expectStable("\(text)@example.com")
        expectStable("a\(text)@x\(text)x.com")
    }

    // All but ideographs, Hangul syllables and Tangut, which have neither case nor marks.
    @Test(arguments: [
        UInt32(0)...0x33ff, 0xa000...0xabff, 0xf900...0x16fff, 0x1b000...0x1f1ff,
    ])
    func `Parsing is idempotent for each tested scalar, alone and after a letter`(
        values: ClosedRange<UInt32>
    ) {
        var accepted = 0
        for value in values {
            guard let scalar = Unicode.Scalar(value) else { continue }
            expectStable("\(scalar)@example.com")
            guard let address = try? EmailAddress(parsing: "I\(scalar)@example.com") else {
                continue
            }
            accepted += 1
            expectStable(address.text)
        }
        // So that refusing everything wouldn't pass: Unicode has far more letters than this.
        #expect(accepted > 1000)
    }

    @Test func `Parsing is idempotent for random mixtures of letters and marks`() {
        var generator = SeededRandom(seed: 0x5eed)
        let marks = Array(0x300...0x36f).map(UInt32.init) + [0x5b0, 0x93c, 0x3099, 0x1161, 0x11a8]
        var accepted = 0
        for _ in 0..<20_000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let value =
                    Bool.random(using: &generator)
                    ? marks[Int.random(in: 0..<marks.count, using: &generator)]
                    : UInt32.random(in: 0x20...0x2fff, using: &generator)
                if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
            }
            let input = "x\(String(scalars))@example.com"
            if (try? EmailAddress(parsing: input)) != nil { accepted += 1 }
            expectStable(input)
        }
        #expect(accepted > 1000)
    }
}
