/// One `KeyValue` of a request's metadata.
package struct MetadataPair: Equatable, Sendable {
    /// Lower case by convention.
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
