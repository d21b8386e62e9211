package import Storage

/// What every store has to do, as cases that need nothing but an empty store:
///
///     @Test(arguments: EntityStoreConformance.cases)
///     func `The store meets the contract`(_ conformance: EntityStoreCase) async throws {
///         try await conformance.run { MyStore() }
///     }
package enum EntityStoreConformance {
    package static let cases: [EntityStoreCase] =
        conditionCases + valueCases + readCases + concurrencyCases + updateCases
}

/// Makes an empty store, for the case alone. The case closes it.
package typealias EntityStoreFactory = @Sendable () async throws -> any EntityStore

/// One demand of the contract.
package struct EntityStoreCase: Sendable, CustomStringConvertible {
    /// The demand, as a sentence.
    package let name: String
    private let body: @Sendable (any EntityStore) async throws -> Void

    package var description: String { name }

    init(_ name: String, _ body: @escaping @Sendable (any EntityStore) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Runs the case on a store that `makeStore` makes.
    ///
    /// - Throws: `ConformanceFailure` when the store does not do what it has to; `StoreError`.
    package func run(_ makeStore: EntityStoreFactory) async throws {
        let store = try await makeStore()
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}

/// What a store did wrong.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String
}
