// What `--json` prints of the nouns of the product. Scripts rely on these names: they may be added
// to and never changed. Times are ISO 8601 in UTC, what is not known is null.

import Basics
import Domain

enum JSONShape {
  static func time(_ instant: Instant?) -> JSONValue {
    instant.map { .string($0.description) } ?? .null
  }

  static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

  static func id<Tag>(_ id: Identifier<Tag>?) -> JSONValue {
    id.map { .int($0.rawValue) } ?? .null
  }

  static func number(_ value: Int?) -> JSONValue { value.map { .int(Int64($0)) } ?? .null }

  static func problem(_ problem: Problem?) -> JSONValue {
    problem.map { CommandTool.json(of: $0) } ?? .null
  }

  static func counts(_ counts: ExecutionCounts) -> JSONValue {
    [
      "created": number(counts.created), "updated": number(counts.updated),
      "unchanged": number(counts.unchanged), "unsubscribed": number(counts.unsubscribed),
      "archived": number(counts.archived), "deleted": number(counts.deleted),
      "excluded": number(counts.excluded), "refused": number(counts.refused),
    ]
  }

  static func counts(_ counts: PlanCounts) -> JSONValue {
    [
      "create": number(counts.create), "update": number(counts.update),
      "unsubscribe": number(counts.unsubscribe), "archive": number(counts.archive),
      "take": number(counts.take), "arrival": number(counts.arrival),
      "confirmations": number(counts.confirmations), "unchanged": number(counts.unchanged),
      "excluded": number(counts.excluded), "refused": number(counts.refused),
      "tagsAdded": number(counts.tagsAdded), "tagsRemoved": number(counts.tagsRemoved),
      "vanished": number(counts.vanished), "restore": number(counts.restore),
      "delete": number(counts.delete), "optOuts": number(counts.optOuts),
    ]
  }

  static let executionExample = """
    {"id": 12, "flow": "directory → Mailchimp", "trigger": "force sync",
      "attempt": 1, "original": null, "status": "succeeded", "counts":
      {"created": 3, "updated": 0, "unchanged": 0, "unsubscribed": 0,
      "archived": 0, "deleted": 0, "excluded": 0, "refused": 0}, "detectedChanges": true,
      "queuedAt": "2026-01-02T03:04:05Z", "startedAt": "…", "finishedAt": "…",
      "tookMilliseconds": 340, "done": 3, "total": 3, "plan": null,
      "audience": "1a2b3c", "problem": null}
    """

  static func execution(_ execution: Execution) -> JSONValue {
    [
      "id": id(execution.id), "flow": .string(execution.flow.rawValue),
      "trigger": .string(execution.trigger.rawValue), "attempt": number(execution.attempt),
      "original": id(execution.original), "status": .string(execution.status.rawValue),
      "counts": counts(execution.counts), "detectedChanges": .bool(execution.detectedChanges),
      "queuedAt": time(execution.queuedAt), "startedAt": time(execution.startedAt),
      "finishedAt": time(execution.finishedAt),
      "tookMilliseconds": execution.tookMilliseconds.map { .int($0) } ?? .null,
      "done": number(execution.done), "total": number(execution.total), "plan": id(execution.plan),
      "audience": text(execution.audienceID), "problem": problem(execution.problem),
    ]
  }

  static let planExample = """
    {"id": 1, "execution": 12, "kind": "sync", "status": "held", "reason": "…", "counts":
      {"create": 3, "update": 0, "unsubscribe": 0, "archive": 0, "take": 0, "arrival": 0,
      "confirmations": 0, "unchanged": 0, "excluded": 0, "refused": 0,
      "tagsAdded": 0, "tagsRemoved": 0, "vanished": 0, "restore": 0, "delete": 0,
      "optOuts": 0},
      "createdAt": "2026-01-02T03:04:05Z"}
    """

  static func plan(_ plan: PlanSummary) -> JSONValue {
    [
      "id": id(plan.id), "execution": id(plan.execution), "kind": .string(plan.kind.rawValue),
      "status": .string(plan.status.rawValue), "reason": .string(plan.reason),
      "counts": counts(plan.counts),
      "createdAt": time(plan.createdAt),
    ]
  }

  static func value(_ value: MergeValue) -> JSONValue {
    switch value {
    case .text(let text): .string(text)
    case .number(let number): Int64(exactly: number).map { .int($0) } ?? .number(number)
    case .address(let address):
      [
        "line1": .string(address.line1), "line2": .string(address.line2),
        "city": .string(address.city), "state": .string(address.state),
        "zip": .string(address.zip), "country": .string(address.country),
      ]
    }
  }

  static func changes(_ changes: [FieldChange]) -> JSONValue {
    .array(
      changes.map {
        ["name": .string($0.name), "old": value($0.old), "new": value($0.new)]
      })
  }

  static func planRow(_ row: PlanRow, name: String) -> JSONValue {
    [
      "person": id(row.person), "name": .string(name), "email": .string(row.email),
      "action": .string(row.action.rawValue),
      "status": text(row.status?.rawValue), "changes": changes(row.changes),
      "remarks": .array(row.remarks.map { .string($0) }),
      "tags": [
        "gained": .array(row.tags.gained.map { .string($0) }),
        "lost": .array(row.tags.lost.map { .string($0) }),
      ],
    ]
  }

  static func logRow(_ row: LogRow) -> JSONValue {
    [
      "id": .int(row.id), "execution": id(row.execution), "at": time(row.line.at),
      "level": .string(row.line.level.name), "sentence": .string(row.line.sentence),
      "fields": .object(row.line.fields.mapValues { .string($0) }),
    ]
  }

  static func person(_ row: PersonRow) -> JSONValue {
    [
      "id": id(row.id), "name": .string(row.name), "email": .string(row.email),
      "account": .string(row.account), "optIn": .string(row.optIn.rawValue),
      "state": .string(row.state.rawValue), "reason": .string(row.reason),
      "duplicateOf": id(row.other),
      "changedAt": time(row.changedAt), "active": .bool(row.isActive),
      "deleted": .bool(row.isDeleted), "source": text(row.source.isEmpty ? nil : row.source),
    ]
  }
}
