// People on a real terminal, with the real binary: a file is looked at and imported, somebody is
// found with Tab, marked, changed and taken back. Each test awaits what the screen shows.

import Basics
import Domain
import Foundation
import Screen
import Storage
import Support
import Testing

@Suite(.serialized) struct PeopleOnTerminalTests {
  @Test func `a file is looked at, imported, searched with Tab, changed and taken back`()
    async throws
  {
    let home = try ConsoleHome()
    try await home.run(["init"])
    let file = try home.directory.write(
      "people.csv",
      "Given name,last_name,email,newsletter\nAda,Byron,ada@mail.example.org,yes\n"
        + "Grace,Hopper,grace@mail.example.org,no\n")
    let session = try await home.console(size: Size(100, 30))
    session.press("2")
    try await session.waits(for: "There are no people yet.")
    session.press("i")
    try await session.waits(for: "Import the file")
    session.paste(String(file.dropLast(4)))
    try await session.waits(for: "people.csv")
    session.press("Tab", "Enter")
    try await session.waits(for: "spelling: check it")
    session.press("p")
    try await session.waits(for: "Ada Byron")
    session.press("i")
    try await session.waits(for: "2 people are added")
    session.press("y")
    try await session.waits(for: "2 added, 0 changed")
    try await session.waits(for: "Grace Hopper")
    session.press("/")
    try await session.waits(for: "part of the last name")
    session.type("last:hop")
    try await session.waits(for: "1 person")
    session.press("Tab", "Enter")
    try await session.waits(for: "1–1 of 1")
    session.press("x", "t")
    try await session.waits(for: "Deactivate 1 person")
    session.press("y")
    try await session.waits(for: "Deactivate 1 person: done.")
    session.press("z")
    try await session.waits(for: "Taken back: the deactivation of 1 person")
    session.press("q")
    #expect(try await session.exitCode() == 0)
  }
}
