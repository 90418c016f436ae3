// POST /lists/{id}: up to five hundred people in one call, answered 200 even when every one of
// them was refused. Each person stands alone: one refusal does not touch the others.

import Basics
import HTTP

extension SandboxAudience {
  static let batchLimit = 500

  mutating func writeBatch(
    _ json: JSONValue, skippingDuplicates: Bool, _ context: WriteContext
  ) throws(Refusal) -> Answer {
    guard let sent = json["members"] else {
      throw .unvalidated("", "Required fields were not provided: members")
    }
    guard let items = sent.array else {
      throw .unvalidated("members", SchemaCheck.found(sent, insteadOf: "array"))
    }
    guard items.count <= Self.batchLimit else {
      throw .unvalidated("members", "Array must contain at most \(Self.batchLimit) items")
    }
    var bodies: [MemberBody] = []
    for (index, item) in items.enumerated() { bodies.append(try MemberBody(item, .item(index))) }
    let updates = json["update_existing"]?.bool ?? false
    let replacesTags = json["sync_tags"]?.bool ?? false

    var created: [SandboxMember] = []
    var updated: [SandboxMember] = []
    var errors: [JSONValue] = []
    var seen: Set<String> = []
    for body in bodies {
      let address = body.address ?? ""
      if !address.isEmpty, !seen.insert(address.lowercased()).inserted {
        if !skippingDuplicates {
          errors.append(Self.error(address, .invalid("Duplicate items found for \(address).")))
        }
        continue
      }
      do throws(Refusal) {
        let known = member(address: address)
        if updates, let known, known.status != .archived || body.status != nil {
          updated.append(try update(known, body, replacesTags, context))
        } else {
          created.append(try addFromBatch(body, context))
        }
      } catch {
        errors.append(Self.error(address, error))
      }
    }
    let links: JSONValue = [
      Schema.entry(dataCentre, "self", "/lists/\(id)", target: "Lists/Response.json")
    ]
    var writer = ShortMembers(self)
    let answer = Answer.object([
      ("new_members", writer.array(of: created)), ("updated_members", writer.array(of: updated)),
      ("errors", JSONValue.array(errors).serialized()),
      ("total_created", Array("\(created.count)".utf8)),
      ("total_updated", Array("\(updated.count)".utf8)),
      ("error_count", Array("\(errors.count)".utf8)), ("_links", links.serialized()),
    ])
    return Answer(200, bytes: answer, schema: "Lists/Instance.json")
  }

  private mutating func addFromBatch(
    _ body: MemberBody, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    guard let status = body.status ?? body.statusIfNew else {
      throw .unvalidated("status", "Required fields were not provided: status")
    }
    return try add(body.address ?? "", status, body, context)
  }

  private mutating func update(
    _ known: SandboxMember, _ body: MemberBody, _ replacesTags: Bool, _ context: WriteContext
  ) throws(Refusal) -> SandboxMember {
    var body = body
    // The address finds the person here; how it is written stays as it was.
    body.address = known.address
    let tags = body.tags
    body.tags = nil
    var member = try change(known, body, context)
    guard let tags else { return member }
    let worn = member.tags
    if replacesTags {
      let wanted = Set(tags.compactMap { segments.id(named: $0) })
      member.tags.removeAll { !wanted.contains($0.segment) }
    }
    wear(tags, &member, context.now)
    if member.tags != worn {
      stamp(&member, context.now)
      store(member)
    }
    return member
  }

  private static func error(_ address: String, _ refusal: Refusal) -> JSONValue {
    let first = refusal.errors.first
    return [
      "email_address": .string(address), "error": .string(refusal.detail),
      "error_code": refusal.title == "Member Exists" ? "ERROR_CONTACT_EXISTS" : "ERROR_GENERIC",
      "field": .string(first?.field ?? ""), "field_message": .string(first?.message ?? ""),
    ]
  }
}
