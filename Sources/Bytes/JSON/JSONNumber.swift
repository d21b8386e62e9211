/// A number in a JSON text.
package struct JSONNumber {
    /// Digits of an integer that fits for certain.
    static let digitsMax = 18

    /// As it is written: a view into the text, valid as long as the text is.
    package let text: UnsafeRawBufferPointer
    /// Its value; nil for one with a fraction or an exponent, or of more than 18 digits.
    package let integer: Int64?
}
