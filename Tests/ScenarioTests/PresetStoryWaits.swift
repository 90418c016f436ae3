// What the stories of constituents and users wait for and look at beside PresetStory.

import Basics
import Domain
import Foundation
import Storage
import Support

extension PresetStory {
  /// Waits until nothing runs and nothing is due, whoever runs the engine; what comes due in a
  /// moment counts as due, so that nothing is looked at between two of its parts.
  func rests() async throws {
    _ = try await when("nothing to be due") { (reading) throws(Problem) in
      let open = try reading.database.integer(
        """
        SELECT (SELECT count(*) FROM message WHERE state = 'leased'
            OR (state = 'ready' AND run_at <= ?))
          + (SELECT count(*) FROM execution WHERE status = 'running')
        """, reading.now + .milliseconds(1500))
      return open == 0 ? true : nil
    }
  }

  /// Lets the time of every next try of a failing address come, instead of waiting minutes for it,
  /// until it is a dead letter.
  func letRetriesComeDue() async throws {
    let workspace = try Workspace.open(at: program.workspace)
    defer { workspace.close() }
    while true {
      let isDead = try await when("the next try") { (reading) throws(Problem) in
        try reading.database.one(
          """
          SELECT state = 'dead' FROM message
          WHERE state = 'dead' OR (kind = 'sync address' AND state = 'ready' AND run_at > ?)
          """, reading.now
        ) { $0.bool(0) }
      }
      if isDead { return }
      try await workspace.write(as: "test") { (tx) throws(Problem) in
        try tx.database.execute(
          "UPDATE message SET run_at = ? WHERE kind = 'sync address' AND state = 'ready'", tx.now)
      }
    }
  }

  /// The tags of a contact, as Mailchimp holds them.
  func tags(_ address: String) async throws -> Set<String> {
    let held = try await contact(address)?["tags"]?.array ?? []
    return Set(held.compactMap { $0["name"]?.string })
  }

  /// A merge field of a contact, as Mailchimp holds it.
  func held(_ tag: String, _ address: String) async throws -> String? {
    try await contact(address)?["merge_fields"]?[tag]?.string
  }

  /// The whole directory as it is exported.
  func directoryNow() async throws -> JSONValue { try await program.json("people", "export") }

  /// How a contact is named in a path.
  static func hash(_ address: String) -> String { Digest.md5(address.lowercased().utf8) }
}
