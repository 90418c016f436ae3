// Somebody asks to be forgotten: `people forget` through the real program. What must stay true: no
// byte of the workspace names them afterwards, nobody else has lost anything, and neither the source
// nor a backup brings them back.

import Basics
import Domain
import Foundation
import Storage
import Support
import Testing

@Suite struct ForgetStoryTests {
  private static let zyx = "Zyx.Quuxington@wharf.example"
  /// Words that nobody and nothing else has.
  private static let words = [
    "quuxington", "zyxwvutina", "wharf", "5550199", "q-77-kk", "old-harbour", "Kreuzberger",
  ]

  private static func file(_ lines: [String]) -> String {
    (["external_id,account,first_name,last_name,email,email2,phone,birthday,nickname"] + lines)
      .joined(separator: "\n") + "\n"
  }

  private static let others = [
    "A-1,Guests,Anouk,Visser,anouk@visser.example,,,,",
    "B-2,Guests,Bram,Visser,bram@visser.example,,,,",
  ]

  private static func hers(_ lastName: String, _ email: String) -> String {
    "Q-77-KK,Guests,Zyxwvutina,\(lastName),\(email),anouk@visser.example,+31 5550199,07/02,Kreuzberger"
  }

  @Test(.timeLimit(.minutes(10)))
  func `who asks to be forgotten is gone to the last byte, and stays gone`() async throws {
    let story = try await PresetStory("users")
    let people = try await begin(story)
    try await live(story, people)
    let backup = story.directory.file("before.backup")
    try await story.says("backup", backup)
    try await refusals(story)
    try await forget(story)
    try await source(story)
    try await again(story)
    try await restore(story, backup)
    try await story.end()
  }

  /// People from a file that is read again and again; a search that is a tag; a first sync.
  private func begin(_ story: PresetStory) async throws -> String {
    let people = try story.directory.write(
      "people.csv", Self.file(Self.others + [Self.hers("Quuxington", "zyx@old-harbour.example")]))
    for (key, value) in [
      ("mailchimp.key", story.site.key), ("source.kind", "csv"), ("source.path", people),
      ("source.custom-fields", "yes"), ("sync.existing", "all"), ("sync.on-change", "no"),
    ] { try await story.says("settings", "set", key, value) }
    try await story.says("audiences", "use", story.site.audience)
    try await story.says("refresh", "--wait")
    try await story.says("mapping", "create-field", "NICK", "--name", "Nickname")
    try await story.says("mapping", "set", "custom:nickname", "NICK", "--direction", "both")
    try await story.says("searches", "set", "Visitors", "account:Guests", "--tag")
    try await story.says("sync", "--wait", exit: 3)
    // A plan that waits would be carried out with her, or fall short.
    let planned = try await story.says("people", "forget", "--yes", "Q-77-KK", exit: 1)
    #expect(planned.contains("which waits, names Zyxwvutina Quuxington"), "\(planned)")
    try await story.says("sync", "--approve", "latest", "--wait")
    #expect(try await story.place("Q-77-KK") == "in step")
    return people
  }

  /// A new address and name, a change at Mailchimp, an opt-out and its opposite, a look-up, a
  /// verification: all of it leaves traces.
  private func live(_ story: PresetStory, _ people: String) async throws {
    _ = try story.directory.write(
      "people.csv", Self.file(Self.others + [Self.hers("Quuxington-Bey", Self.zyx)]))
    try await story.says("refresh", "--wait")
    try await story.says("people", "set", "Q-77-KK", "opt_in=no")
    try await story.says("sync", "--wait")
    try await story.says("people", "set", "Q-77-KK", "opt_in=yes")
    try await story.says("sync", "--wait")
    try await story.site.perform(
      "edit-profile", ["address": .string(Self.zyx), "merge_fields": ["NICK": "Kreuzbergerin"]])
    try await story.says("sync", "--wait")
    try await story.says("verify")
    #expect(try named(story) == Self.words.map { $0.lowercased() }.sorted())
  }

  /// Nothing is done while it is not said that the contact goes too, nor before it is said twice.
  private func refusals(_ story: PresetStory) async throws {
    let before = try await story.site.contacts()
    let there = try await story.says("people", "forget", "Q-77-KK", exit: 1)
    #expect(there.contains("is subscribed in the audience"), "\(there)")
    #expect(there.contains("people forget --there Q-77-KK"), "\(there)")
    let counted = try await story.says("people", "forget", "--there", "Q-77-KK")
    #expect(counted.contains("Nothing was changed."), "\(counted)")
    #expect(counted.contains("kept, because others have it too: anouk@visser.example"))
    try await story.says("people", "set", "Q-77-KK", "first_name=Zyxwvutina K.")
    try await story.says("sync", "--dry-run")
    #expect(try await story.site.contacts() == before)
    #expect(try await story.place("Q-77-KK") != "nowhere")
  }

  private func forget(_ story: PresetStory) async throws {
    let before = try await audit(story, "A-1")
    // An engine that runs meanwhile has nothing of her in hand.
    try await story.serve()
    let told = try await story.program.json("people", "forget", "--there", "--yes", "Q-77-KK")
    #expect(told["done"] == true)
    #expect(told["people"]?[0]?["contacts"]?.array?.count == 2, "\(told)")
    let deleted = try story.calls().filter { $0.path.hasSuffix("/actions/delete-permanent") }
    #expect(deleted.count == 2)
    let contacts = try await story.site.contacts()
    #expect(contacts.keys.sorted() == ["anouk@visser.example", "bram@visser.example"])
    #expect(try named(story) == [])
    // Whom she shared an address with has lost nothing.
    #expect(try await audit(story, "A-1").prefix(before.count) == before[...])
    try await story.rests()
    #expect(try named(story) == [])
    try await story.stopServing()
    try await story.says("sync", "--wait")
    #expect(try await story.place("A-1") == "in step")
    #expect(try await story.place("B-2") == "in step")
    #expect(try await story.site.contacts().count == 2)
  }

  /// The source goes on to name her, and nobody is added; without a source she can be added, and is
  /// not sent.
  private func source(_ story: PresetStory) async throws {
    let refreshed = try await story.says("refresh", "--wait")
    #expect(!refreshed.contains("1 created"), "\(refreshed)")
    let left = try named(story)
    #expect(left == [])
  }

  /// Whoever adds the address anew is told why it is not sent; she is forgotten a second time with
  /// nothing left at Mailchimp.
  private func again(_ story: PresetStory) async throws {
    try await story.says("people", "add", "first_name=Zyx", "email=\(Self.zyx)", "opt_in=yes")
    try await story.says("sync", "--wait")
    #expect(try await story.place(Self.zyx.lowercased()) == "excluded: suppressed")
    let why = try await story.says("people", "explain", Self.zyx)
    #expect(why.contains("Forgotten here at their own request"), "\(why)")
    #expect(try await story.site.contacts().count == 2)
    try await story.says("people", "forget", "--yes", Self.zyx)
    #expect(try named(story) == [])
    let nobody = try await story.says("people", "forget", "--yes", Self.zyx, exit: 1)
    #expect(nobody.contains("Nobody is known as"), "\(nobody)")
  }

  private func restore(_ story: PresetStory, _ backup: String) async throws {
    let told = try await story.says("restore", backup)
    #expect(told.contains("Forgotten again: 1 person"), "\(told)")
    #expect(try named(story) == [])
    #expect(try await story.place("A-1") != "nowhere")
  }

  // MARK: Looking

  /// Which of the words stand in the bytes of the workspace, in whatever case.
  private func named(_ story: PresetStory) throws -> [String] {
    var bytes = Data()
    for suffix in ["", "-wal"] {
      let path = story.program.workspace + suffix
      if FileManager.default.fileExists(atPath: path) {
        bytes += try Data(contentsOf: URL(fileURLWithPath: path))
      }
    }
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    return Self.words.map { $0.lowercased() }.filter { text.contains($0) }.sorted()
  }

  private func audit(_ story: PresetStory, _ who: String) async throws -> [String] {
    try await story.read { (reading) throws(Problem) in
      try reading.database.rows(
        """
        SELECT field || ' ' || coalesce(new, '') FROM audit
        WHERE person_id = (SELECT id FROM person WHERE external_id = ?) ORDER BY id
        """, who
      ) { $0.text(0) }
    }
  }
}
