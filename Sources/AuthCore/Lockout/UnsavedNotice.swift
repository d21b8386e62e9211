package import Storage

/// Takes the user's id and the cause when failures of an account stay in this daemon's memory,
/// because the store does not take them: another daemon does not see them, nor this one after a
/// restart.
package typealias UnsavedNotice = @Sendable (_ userID: String, _ cause: StoreError) -> Void
