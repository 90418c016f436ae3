// The set-up through the real program on a terminal: from a workspace without a key to a first plan
// that is held. What must stay true: before the look at that plan nobody is sent but the one person
// who was named in the test.

import Basics
import Domain
import Foundation
import Screen
import Support
import Testing

@Suite struct SetUpStoryTests {
  private static let file = """
    external_id,first_name,last_name,email
    M-4,Paulo,Teixeira,paulo@teixeira-casa.pt
    """
  private static let agnes = "agnes.wojcik@wojcik-dom.pl"

  @Test(.timeLimit(.minutes(10)))
  func `from an empty workspace to a held first plan, with one person there and back`()
    async throws
  {
    let story = try await PresetStory("families")
    let file = story.directory.file("people.csv")
    try Self.file.write(toFile: file, atomically: true, encoding: .utf8)
    try await story.says("people", "import", file)
    let console = try story.console()
    try await console.waits(for: "Step 1 of 6")
    try await console.waits(for: "Begin with")
    console.press("^S")
    try await console.waits(for: "Step 2 of 6")
    // What Mailchimp refuses is not kept.
    console.paste("deadbeefdeadbeefdeadbeefdeadbeef-us19\n")
    console.press("^S")
    try await console.waits(for: "Nothing was saved.")
    console.press("^U")
    console.paste("\(story.site.key)\n")
    console.press("^S")
    try await console.waits(for: "Now choose")
    try await console.waits(for: "Practice audience")
    console.press("Enter")
    try await console.waits(for: "Step 3 of 6")
    // Going back loses nothing, and the list of steps says what waits.
    console.press("Tab")
    console.type("x")
    console.press("PgUp")
    try await console.waits(for: "Step 2 of 6")
    try await console.waits(for: "1 change")
    console.press("PgDn")
    try await console.waits(for: "Step 3 of 6")
    console.press("Backspace")
    console.press("^S")
    try await console.waits(for: "Step 4 of 6")
    try await console.waits(for: "With the values of Paulo Teixeira")
    try await console.waits(for: "──→ FNAME")
    console.press("Enter")
    try await console.waits(for: "Step 5 of 6")
    console.type("Agnes")
    console.press("Tab", "Tab")
    console.type(Self.agnes)
    console.press("^S")
    try await console.waits(for: "Archive it there")
    try await console.waits(for: "1 created")
    try await console.waits(for: "Execution #")
    #expect(try await story.site.contacts().keys.sorted() == [Self.agnes])

    console.press("u")
    try await console.waits(for: "Nobody else is touched.")
    console.press("y")
    try await console.waits(for: "done  Archive it there")
    try await console.waits(for: "1 archived")
    #expect(try await story.site.contacts()[Self.agnes]?["status"] == "archived")
    console.press("d")
    try await console.waits(for: "Marked as deleted here")
    console.press("d")
    try await console.waits(for: "This cannot be taken back.")
    console.press("y")
    try await console.waits(for: "Removed here.")

    console.press("Enter")
    try await console.waits(for: "Step 6 of 6")
    console.press("F")
    try await console.waits(for: "waits for your decision")
    #expect(try await story.site.contacts().keys.sorted() == [Self.agnes])
    console.press("8")
    try await console.waits(for: "The first sync of this audience")
    try await story.quit(console)
    try await story.end()
  }
}
