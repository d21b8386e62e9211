import AuthCore
package import Testing

/// Expects `body` to be refused with the error of that name, such as `invalidCredentials`.
package func expectRefusal(
    _ name: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("expected \(name), but nothing was refused", sourceLocation: sourceLocation)
    } catch let error as AuthError {
        let actual = "\(error)".prefix { $0 != "(" }
        #expect(actual == name, sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(name), got \(error)", sourceLocation: sourceLocation)
    }
}
