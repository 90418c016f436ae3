// The mapping's editor through the real program on a terminal: a field that fits nowhere gets a merge
// field of its own, everybody is brought in step, and the edit is taken back and done again.

import Basics
import Foundation
import Screen
import Support
import Testing

@Suite(.serialized) struct MappingOnTerminalTests {
  @Test func `a row is made with a new merge field, sent to everybody, taken back and done again`()
    async throws
  {
    let home = try ConsoleHome()
    let console = try await home.demo(size: Size(120, 36))
    console.press("F")
    console.press("6")
    try await console.waits(for: "succeeded")
    console.press("4")
    // Both sides of a real person, and everybody counted.
    try await console.waits(for: "● fits: 25")
    try await console.waits(for: "1 of 25 >")
    console.press(">")
    try await console.waits(for: "2 of 25 >")
    console.press("a")
    try await console.waits(for: "which field here?")
    console.type("external")
    console.press("Enter")
    try await console.waits(for: "external_id: with which merge field?")
    console.press("Enter")
    try await console.waits(for: "Create a merge field at Mailchimp")
    try await console.waits(for: "EXTERNAL_I")
    console.press("^U")
    console.type("number")
    console.press("^S")
    try await console.waits(for: "Add a row")
    console.press("^T")
    try await console.waits(for: "Nobody's value would be cut or left out.")
    console.press("^S")
    try await console.waits(for: "NUMBER for everybody now?")
    console.press("y")
    try await console.waits(for: "A sync for everybody was asked for")
    console.press("6")
    try await console.waits(for: "25 updated")
    console.press("4")
    try await console.waits(for: "external_id")
    console.press("G")
    try await console.waits(for: "external_id ──→ NUMBER")
    // What was sent is no edit; the edit before it is.
    console.press("z")
    try await console.waits(for: "z again takes back the mapping of NUMBER")
    console.press("z")
    try await console.waits(for: "Taken back: the mapping of NUMBER")
    try await console.waits(forNo: "external_id")
    console.press("Z")
    try await console.waits(for: "Made again: the mapping of NUMBER")
    try await console.waits(for: "external_id")
    console.press("G")
    try await console.waits(for: "external_id ──→ NUMBER")
    try await console.send(signal: SIGTERM)
    _ = try await console.exitCode()
    #expect(await console.isCooked())
  }
}
