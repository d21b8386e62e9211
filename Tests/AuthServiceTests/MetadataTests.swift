import AuthCore
import TTRPC
import Testing

@testable import AuthService

/// What callers say about a call beside the request.
struct MetadataTests {
    private static let parent = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `A traceparent of this version is taken whole, of a later one what is known`() {
        #expect(TraceParent.valid("00-" + Self.parent) == "00-" + Self.parent)
        #expect(TraceParent.valid("01-" + Self.parent) == "01-" + Self.parent)
        #expect(TraceParent.valid("01-" + Self.parent + "-more") == "01-" + Self.parent)
    }

    @Test(arguments: [
        "", "00-", "ff-" + parent, "00-" + parent + "-more", "01-" + parent + "more",
        "00-" + parent.uppercased(), "0g-" + parent, "00-" + parent.dropLast(),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00_" + parent, "00-" + parent.replacing("-", with: "a"),
    ])
    func `An invalid traceparent is left out`(text: String) {
        #expect(TraceParent.valid(text) == nil)
    }

    @Test(arguments: ["\n", "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2066}"])
    func `A session label with a character that changes the layout is refused`(text: String) throws
    {
        let fixture = try ServiceFixture()
        for (name, isRefused) in [("a\(text)b", true), ("Zoë’s 👩‍💻", false)] {
            let context = try fixture.context(
                "Login", metadata: [("x-client-name", Array(name.utf8))])
            do {
                let call = try ServiceCall(context, believesClientAddress: false)
                #expect(!isRefused && call.context.clientName == name)
            } catch AuthError.argumentInvalid {
                #expect(isRefused)
            }
        }
    }
}
