/// What is wrong with an endpoint, a credential or a connection string: a sentence for the operator
/// that never quotes a secret, and reads on behind the name of a setting.
package struct AzureConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether it is the address that is wrong or missing, and not the credential.
    package let isOfEndpoint: Bool

    init(_ description: String, isOfEndpoint: Bool = false) {
        self.description = description
        self.isOfEndpoint = isOfEndpoint
    }
}
