/// What is wrong with an endpoint, a credential or a connection string: a sentence for the operator
/// that never quotes a secret, and that follows the name of a setting.
package struct AzureConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether the address is wrong or missing, not the credential.
    package let isOfEndpoint: Bool

    init(_ description: String, isOfEndpoint: Bool = false) {
        self.description = description
        self.isOfEndpoint = isOfEndpoint
    }
}
