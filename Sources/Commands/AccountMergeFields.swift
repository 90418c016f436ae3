// The audience's own fields: read again, and one more created. What cannot work is said before
// Mailchimp is asked, because Mailchimp cuts a long tag without a word.

import Basics
import Domain
import Mailchimp
import Storage

extension AccountAccess {
  /// Reads the merge fields of the chosen audience and remembers them.
  @discardableResult
  package func readMergeFields() async throws(Problem) -> [MergeField] {
    try await mergeFields(try await client(), of: try await chosenAudience()).fields
  }

  /// Creates a merge field in the chosen audience and reads them all again, so that a mapping onto
  /// it can be made at once.
  package func createMergeField(_ draft: MergeFieldDraft) async throws(Problem) -> MergeField {
    let audience = try await chosenAudience()
    let client = try await client()
    let (known, limit) = try await mergeFields(client, of: audience)
    if let problem = draft.problem(beside: known, limit: limit) { throw problem }
    let created: MergeField
    do {
      created = try await client.createMergeField(draft, in: audience)
    } catch {
      throw error.problem
    }
    _ = try await mergeFields(client, of: audience)
    guard created.tag == draft.tag else {
      throw Problem(
        "merge-fields.renamed",
        "Mailchimp created the field as \(Text.oneLine(created.tag)) instead of \(draft.tag).",
        remedy: "Map onto \(Text.oneLine(created.tag)), or change its tag at Mailchimp.",
        fields: ["field": "tag"])
    }
    return created
  }

  private func chosenAudience() async throws(Problem) -> String {
    let settings = try await settings()
    guard settings.isSet(Settings.audience) else { throw .noAudience }
    return settings[Settings.audience]
  }

  private func mergeFields(
    _ client: MailchimpClient, of audience: String
  ) async throws(Problem) -> (fields: [MergeField], limit: Int?) {
    let found: (fields: [MergeField], limit: Int?)
    do {
      found = try await client.mergeFieldList(of: audience)
    } catch {
      throw error.problem
    }
    let fields = found.fields
    try await workspace.write(as: "Mailchimp") { (tx) throws(Problem) in
      try tx.audiences.saveMergeFields(fields, of: audience)
      try tx.requests.insert(.settingsChanged)
    }
    return found
  }
}
