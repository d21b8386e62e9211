/// A certificate, key or list of authorities that can't be used.
package struct TLSMaterialError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Part: Equatable, Sendable {
        /// Our own certificate, with its chain.
        case certificate
        /// Its private key.
        case key
        /// The authorities that the other side's certificate must come from.
        case authorities
    }

    /// Which of the three.
    package let part: Part
    /// A phrase, such as `contains no certificate`, with what to do.
    package let problem: String

    package var description: String { problem }

    init(_ part: Part, _ problem: String) {
        self.part = part
        self.problem = problem
    }
}
