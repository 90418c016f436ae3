// What administrators do to tags and segments by hand.

import Basics

extension SandboxAudience {
  mutating func performOnTags(_ deed: SandboxDeed, at now: Instant) throws(Problem) {
    switch deed {
    case .adminTags(let address, let name):
      let member = try known(address)
      guard let tag = tagToWear(name, at: now) else {
        throw Problem(
          "sandbox.no-tag", "\"\(name)\" cannot be a tag.",
          remedy: "Name one that is no saved segment.")
      }
      setTag(tag, on: member.serial, true, at: now)
    case .adminUntags(let address, let name):
      setTag(try tag(name), on: try known(address).serial, false, at: now)
    case .adminMakesTag(let name):
      try orProblem { audience throws(Refusal) in
        try audience.refuseTakenSegment(name)
        audience.segments.add(name, .static, at: now)
      }
    case .adminRenamesTag(let name, let other):
      let tag = try tag(name)
      try orProblem { audience throws(Refusal) in
        if audience.segments.id(named: other) ?? tag != tag {
          try audience.refuseTakenSegment(other)
        }
        audience.segments.rename(tag, other, at: now)
      }
    case .adminDeletesTag(let name): removeSegment(try tag(name), at: now)
    case .adminSavesSegment(let name, let field, let value):
      try orProblem { audience throws(Refusal) in
        try audience.refuseTakenSegment(name)
        let rule = try SegmentRule([
          "match": "all",
          "conditions": [
            [
              "condition_type": "TextMerge", "field": .string(field), "op": "is",
              "value": .string(value),
            ]
          ],
        ])
        audience.segments.add(name, .saved, rule, at: now)
      }
    default: break
    }
  }

  private func tag(_ name: String) throws(Problem) -> Int {
    guard let tag = segments.tag(named: name) else {
      throw Problem(
        "sandbox.no-tag", "This audience has no tag \(name).", remedy: "Name one that it has.")
    }
    return tag.id
  }
}
