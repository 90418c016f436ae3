// Segments of an audience: a tag is a segment of type static, a saved one is computed. Who wears a
// tag is kept in both directions, here as a set and with the person as a list; only
// `SandboxAudience.store` and `setTag` change them, both at once.

import Basics
import HTTP

package enum SegmentType: String, Sendable, CaseIterable {
  case saved
  case `static`
  case fuzzy
}

package struct SandboxSegment: Sendable {
  package let id: Int
  package internal(set) var name: String
  package let type: SegmentType
  let created: Instant
  package internal(set) var updated: Instant
  /// The rule of a saved one.
  var rule: SegmentRule?
  /// Serials of those who wear the tag.
  fileprivate(set) var members: Set<Int> = []
  fileprivate var counts: [MemberStatus: Int] = [:]

  /// How many there are in these statuses.
  func count(_ statuses: Set<MemberStatus>) -> Int {
    statuses.reduce(0) { $0 + (counts[$1] ?? 0) }
  }
}

/// The segments of one audience, found by number and by name. Names differ in more than case and
/// blanks around them.
struct SegmentBook: Sendable {
  private var segments: [Int: SandboxSegment] = [:]
  private var byName: [String: Int] = [:]
  private var next: Int

  init(first: Int) { next = first }

  /// Oldest first.
  var all: [SandboxSegment] { segments.values.sorted { $0.id < $1.id } }

  subscript(_ id: Int) -> SandboxSegment? { segments[id] }

  func name(of id: Int) -> String { segments[id]?.name ?? "" }

  func id(named name: String) -> Int? { byName[Self.key(name)] }

  /// The static segment of that name.
  func tag(named name: String) -> SandboxSegment? {
    id(named: name).flatMap { segments[$0] }.flatMap { $0.type == .static ? $0 : nil }
  }

  /// Nothing else may have the name.
  @discardableResult
  mutating func add(
    _ name: String, _ type: SegmentType, _ rule: SegmentRule? = nil, at now: Instant
  ) -> SandboxSegment {
    let segment = SandboxSegment(
      id: next, name: Self.trimmed(name), type: type, created: now.wholeSecond,
      updated: now.wholeSecond, rule: rule)
    next += 1
    segments[segment.id] = segment
    byName[Self.key(name)] = segment.id
    return segment
  }

  mutating func rename(_ id: Int, _ name: String, at now: Instant) {
    byName[Self.key(self.name(of: id))] = nil
    byName[Self.key(name)] = id
    segments[id]?.name = Self.trimmed(name)
    segments[id]?.updated = now.wholeSecond
  }

  mutating func setRule(_ rule: SegmentRule, of id: Int, at now: Instant) {
    segments[id]?.rule = rule
    segments[id]?.updated = now.wholeSecond
  }

  mutating func remove(_ id: Int) {
    byName[Self.key(name(of: id))] = nil
    segments[id] = nil
  }

  /// True when that changed anything.
  mutating func setWorn(
    _ id: Int, by serial: Int, _ status: MemberStatus, _ isWorn: Bool, at now: Instant
  ) -> Bool {
    let isChange =
      isWorn
      ? segments[id]?.members.insert(serial).inserted == true
      : segments[id]?.members.remove(serial) != nil
    if isChange {
      segments[id]?.counts[status, default: 0] += isWorn ? 1 : -1
      segments[id]?.updated = now.wholeSecond
    }
    return isChange
  }

  /// Keeps sets and counts when a person comes, changes or goes.
  mutating func note(_ old: SandboxMember?, _ new: SandboxMember?) {
    if old?.tags == new?.tags, old?.status == new?.status { return }
    for tag in old?.tags ?? [] {
      if let old, segments[tag.segment]?.members.remove(old.serial) != nil {
        segments[tag.segment]?.counts[old.status, default: 0] -= 1
      }
    }
    for tag in new?.tags ?? [] {
      if let new, segments[tag.segment]?.members.insert(new.serial).inserted == true {
        segments[tag.segment]?.counts[new.status, default: 0] += 1
      }
    }
  }

  static func trimmed(_ name: String) -> String {
    if name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return name }
    let isBlank: (Character) -> Bool = { $0.isWhitespace }
    return String(name.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }

  private static func key(_ name: String) -> String { trimmed(name).lowercased() }
}
