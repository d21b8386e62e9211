package import Storage

/// The table of the previous application: one partition that is named like the table, and
/// in it a row for each user who has not been moved yet, named by their address in lower case.
package struct OldTable: Sendable, Equatable {
    /// The table's name in its exact case, which is the partition of all rows.
    package let name: String

    /// - Parameter name: what a table can be named: 3 to 63 ASCII letters and digits.
    package init(name: String) {
        precondition(EntityLimits.isKey(name), "the name of a table is a key")
        self.name = name
    }

    /// Where an address, in its stored form, may have a row: most likely place first. Nowhere if it
    /// has a character that a key can't have, `/`, `#` or `?`: the old application could not store it.
    package func keys(of email: String) -> [EntityKey] {
        OldTable.forms(of: email).filter(EntityLimits.isKey).map {
            EntityKey(partition: name, row: $0)
        }
    }

    /// How the old application may have written an address: one form for almost all of them.
    ///
    /// It lower-cased with Python's `lower()`, which makes a final sigma of a `Σ` at the end of a
    /// word (Unicode §3.13, Final_Sigma), and kept what was typed in lower case; our form has `σ`
    /// for all of them.
    static func forms(of email: String) -> [String] {
        let scalars = Array(email.unicodeScalars)
        guard scalars.contains(sigma) else { return [email] }
        let isFinalForPython = scalars.indices.map { isFinal($0, in: scalars) }
        let isFinalForReaders = scalars.indices.map { index in
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            return next.map { !$0.properties.isAlphabetic } ?? true
        }
        var forms = [email]
        for isFinal in [isFinalForPython, isFinalForReaders] {
            var form = String.UnicodeScalarView()
            for (index, scalar) in scalars.enumerated() {
                form.append(scalar == sigma && isFinal[index] ? finalSigma : scalar)
            }
            let text = String(form)
            if !forms.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { forms.append(text) }
        }
        return forms
    }

    private static let sigma: Unicode.Scalar = "\u{3C3}"
    private static let finalSigma: Unicode.Scalar = "\u{3C2}"

    /// Whether a cased letter comes before and none after, ignoring case-ignorable ones.
    private static func isFinal(_ index: Int, in scalars: [Unicode.Scalar]) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let behind = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return before?.properties.isCased == true && behind?.properties.isCased != true
    }
}
