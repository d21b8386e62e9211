package import Storage

/// Takes the user's id, if there is one yet, and the cause when failures of an account stay in this
/// daemon's memory, because the store does not accept them: other daemons do not see them, nor does
/// this one after a restart.
package typealias UnsavedNotice = @Sendable (_ userID: String?, _ cause: StoreError) -> Void
