// A history as a value: the settings of a workspace and what happens to it, drawn from a seed. It can
// be printed, played again and shortened; whether an act is possible is seen only when it is played.

import Basics
import Domain
import Sandbox
import Support

/// One thing that happens. People are named by the place they were added under, contacts by address.
package enum Act: Sendable, Equatable, CustomStringConvertible {
  case here(Int, Edit)
  case there(SandboxDeed)
  case trouble(SandboxFault, method: String?, count: Int)
  case start
  case stop
  /// The engine, in the middle of whatever it does, as with `kill -9`; another one starts.
  case killed
  case sync(approved: Bool)
  case resync(approved: Bool)
  case passes(seconds: Int)
  /// The engine comes some way.
  case breathe
  /// The first open conflict.
  case decide(ConflictDecision)
  case askAgain(Int)
  case lift(Int)
  /// What ran that many executions ago is undone.
  case undo(Int)
  /// So many that they leave together: added where they are not there, and called that.
  case many(last: String)
  case verify
  case repair
  case dryRun
  /// What ran that many executions ago is to stop.
  case cancel(Int)
  /// The newest plan that waits is approved, or discarded.
  case plan(approved: Bool)
  /// A delivery about that address which is not Mailchimp's.
  case forged(String)
  /// Deliveries that were held back arrive.
  case released(reversed: Bool)

  /// What happens to a person of the directory.
  package enum Edit: Sendable, Equatable {
    case added(at: String, OptIn)
    case first(String)
    case last(String)
    case city(String)
    case address(String)
    case optIn(OptIn)
    case active(Bool)
    case marked
    case removed
    case restored
  }

  package var description: String {
    switch self {
    case .here(let person, let edit): "here: person \(person) \(edit)"
    case .there(let deed): "there: \(deed)"
    case .trouble(let fault, let method, let count):
      "trouble: \(fault) of \(method ?? "any") \(count) times"
    case .start: "the engine starts"
    case .stop: "the engine stops"
    case .killed: "the engine is killed and starts again"
    case .sync(let approved): "a sync is asked for\(approved ? ", approved beforehand" : "")"
    case .resync(let approved): "a resync is asked for\(approved ? ", approved beforehand" : "")"
    case .passes(let seconds): "\(seconds) seconds pass"
    case .breathe: "the engine comes some way"
    case .decide(let decision): "a conflict is decided: \(decision.rawValue)"
    case .askAgain(let person): "person \(person) is to be asked again"
    case .lift(let person): "the suppression of person \(person) is lifted"
    case .undo(let ago): "the execution \(ago) before the last is undone"
    case .many(let last): "here: many are there and called \(last)"
    case .verify: "a verification is asked for"
    case .repair: "what differs is to be repaired"
    case .dryRun: "a dry run is asked for"
    case .cancel(let ago): "the execution \(ago) before the last is cancelled"
    case .plan(let approved): "the plan that waits is \(approved ? "approved" : "discarded")"
    case .forged(let address): "a forged delivery about \(address)"
    case .released(let reversed): "deliveries come late\(reversed ? ", the last one first" : "")"
    }
  }
}

package struct History: Sendable, Equatable, CustomStringConvertible {
  package var settings: [String: String]
  /// The audience asks people to confirm.
  var asksTwice: Bool
  /// A saved search is kept as a tag.
  var keepsTag: Bool
  /// What somebody says to each conflict that is open at the end; nil leaves them open.
  var lastWord: ConflictDecision?
  /// Mailchimp tells of changes by itself.
  var hasWebhook = false
  /// So many plans that wait at the end are discarded before one is approved.
  var discards = 0
  package var acts: [Act]

  package init(
    settings: [String: String], asksTwice: Bool, keepsTag: Bool, lastWord: ConflictDecision?,
    acts: [Act]
  ) {
    self.settings = settings
    self.asksTwice = asksTwice
    self.keepsTag = keepsTag
    self.lastWord = lastWord
    self.acts = acts
  }

  static let crowd = 7
  /// The places of those who are added together.
  static let many = crowd..<(crowd + 12)
  package static let stranger = "stranger@town.dev"
  /// The tag of administrators, and ours with the search behind it.
  package static let theirTag = "Theirs"
  package static let ourTag = "Ours"
  static let ourSearch = "last:n"

  static let mapping = [
    FieldMapping(.firstName, "FNAME", direction: .both), FieldMapping(.lastName, "LNAME"),
    FieldMapping(.custom("City"), "CITY", direction: .both),
  ]

  static func address(_ number: Int) -> String { "person\(number)@town.dev" }

  package var description: String {
    let words = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return
      ([
        words.joined(separator: " "),
        "double opt-in \(asksTwice), tag \(keepsTag), last word \(lastWord?.rawValue ?? "none")",
        "webhook \(hasWebhook), discards at the end \(discards)",
      ] + acts.map(\.description)).joined(separator: "\n")
  }
}

// MARK: Drawing

extension History {
  package init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    settings = [
      "sync.direction": random.one(of: ["to", "both", "both", "from"]),
      "sync.conflicts": random.one(of: ["directory", "mailchimp", "newest", "ask"]),
      "sync.address-change": random.one(of: ["rename", "new contact"]),
      "sync.arrivals": random.one(of: ["list", "add"]),
      "sync.on-change": random.one(of: ["yes", "yes", "no"]),
      "consent.back": random.one(of: ["yes", "no"]),
      "recipients.leavers": random.one(of: ["keep", "unsubscribe", "archive"]),
      "recipients.scope": random.one(of: ["everyone", "everyone", "opted-in"]),
      "guard.people": random.one(of: ["1000000", "1000000", "1", "3"]),
    ]
    asksTwice = random.one(of: [true, false, false])
    keepsTag = Bool.random(using: &random)
    lastWord = random.one(of: [nil, .directory, .mailchimp])
    hasWebhook = random.one(of: [true, false, false])
    discards = Int.random(in: 0...2, using: &random)
    acts = []
    for number in 0..<Self.crowd {
      if Bool.random(using: &random) {
        let optIn: OptIn = random.one(of: [.yes, .yes, .unknown])
        acts.append(.here(number, .added(at: Self.address(number), optIn)))
        if Bool.random(using: &random) { acts.append(.here(number, .last(random.name()))) }
      }
      if Int.random(in: 0..<4, using: &random) == 0 {
        acts.append(.there(.personSignsUp(Self.address(number), random.values())))
      }
    }
    if Int.random(in: 0..<6, using: &random) == 0 { acts.append(.many(last: random.name())) }
    acts += [.start, .sync(approved: random.one(of: [true, true, true, false])), .breathe]
    for _ in 0..<Int.random(in: 8...24, using: &random) {
      acts += Int.random(in: 0..<5, using: &random) == 0 ? random.duel() : [random.act()]
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func one<Value>(of values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &self)]
  }

  fileprivate mutating func name() -> String { one(of: ["", "N1", "N2", "M1", "M2"]) }

  fileprivate mutating func address() -> String {
    let isOfMany = Int.random(in: 0..<8, using: &self) == 0
    return History.address(
      Int.random(in: isOfMany ? History.many : 0..<History.crowd, using: &self))
  }

  /// What a contact writes about itself.
  fileprivate mutating func values() -> [String: JSONValue] {
    var values: [String: JSONValue] = ["NOTE": .string("T\(Int.random(in: 0..<50, using: &self))")]
    for tag in ["FNAME", "LNAME", "CITY"] where Bool.random(using: &self) {
      values[tag] = .string(name())
    }
    return values
  }

  fileprivate mutating func act() -> Act {
    let person = Int.random(in: 0..<History.crowd, using: &self)
    switch Int.random(in: 0..<47, using: &self) {
    case 0...10: return .here(person, edit())
    case 11...19: return .there(deed())
    case 20: return trouble()
    case 21: return .stop
    case 22, 23: return .start
    case 24: return one(of: [.sync(approved: true), .resync(approved: true)])
    case 25: return .passes(seconds: Int.random(in: 1...400, using: &self))
    case 26: return .decide(one(of: [.directory, .mailchimp, .newContact]))
    case 27: return one(of: [.askAgain(person), .lift(person)])
    case 28, 29: return .undo(Int.random(in: 0..<6, using: &self))
    case 30: return .many(last: name())
    case 31: return .verify
    case 32: return .repair
    case 33, 34: return one(of: [.sync(approved: false), .resync(approved: false)])
    case 35, 36: return .plan(approved: true)
    case 37: return .plan(approved: false)
    case 38: return .dryRun
    case 39: return .forged(address())
    case 42, 43: return .killed
    case 41: return .cancel(Int.random(in: 0..<2, using: &self))
    case 40: return .released(reversed: Bool.random(using: &self))
    default: return .breathe
    }
  }

  /// Both sides do something about one person within a moment, and then it is taken back here.
  fileprivate mutating func duel() -> [Act] {
    let person = Int.random(in: 0..<History.crowd, using: &self)
    let who = History.address(person)
    let there: SandboxDeed = one(of: [
      .adminUnsubscribes(who), .personUnsubscribes(who), .adminArchives(who), .mailBounces(who),
      .personSignsUp(who, values()), .personEdits(who, values()),
    ])
    let (here, back): (Act.Edit, Act.Edit) = one(of: [
      (.active(false), .active(true)), (.optIn(.no), .optIn(.yes)), (.first(name()), .optIn(.yes)),
      (.address(address()), .address(who)), (.marked, .restored),
    ])
    var acts: [Act] = [.there(there), .here(person, here)]
    if Bool.random(using: &self) { acts.swapAt(0, 1) }
    if Bool.random(using: &self) { acts.insert(trouble(), at: 1) }
    // At once, in the middle of it, or when the engine has done what was asked.
    acts += Array(repeating: .breathe, count: one(of: [0, 1, 6]))
    acts.append(.here(person, back))
    if Bool.random(using: &self) { acts.append(.breathe) }
    return acts
  }

  private mutating func edit() -> Act.Edit {
    switch Int.random(in: 0..<15, using: &self) {
    case 0, 1: .added(at: address(), one(of: [.yes, .unknown]))
    case 2, 3: .first(name())
    case 4, 5: .last(name())
    case 6, 7: .city(name())
    case 8, 9: .address(address())
    case 10: .optIn(.yes)
    case 11: .optIn(.no)
    case 12: .active(Bool.random(using: &self))
    case 13: .marked
    default: one(of: [.removed, .restored])
    }
  }

  private mutating func deed() -> SandboxDeed {
    let who = address()
    switch Int.random(in: 0..<20, using: &self) {
    case 0...3: return .personEdits(who, values())
    case 4: return .adminEdits(who, ["LNAME": .string(name())])
    case 5: return .personChangesAddress(who, to: address())
    case 6: return .personUnsubscribes(who)
    case 7: return .adminUnsubscribes(who)
    case 8: return .personSignsUp(who)
    case 9: return .personSignsUp(who, values())
    case 10, 11: return .personConfirms(who)
    case 12: return .mailBounces(who)
    case 13: return .adminArchives(who)
    case 14: return .adminDeletesPermanently(who)
    case 15: return .adminTags(who, History.theirTag)
    case 16: return .adminUntags(who, History.theirTag)
    case 17: return .adminTags(who, History.ourTag)
    case 18: return .signupsAreLimited(who)
    default: return .adminUntags(who, History.ourTag)
    }
  }

  private mutating func trouble() -> Act {
    .trouble(
      one(of: [
        .cut(applied: false), .cut(applied: true), .status(500), .status(503, applied: true),
        .tooManyRequests, .forbiddenWithoutJSON, .garbage, .truncated(bytes: 20),
        .delivery(one(of: [.duplicated, .reversed, .lost, .badSignature])),
        .delivery(one(of: [.heldBack, .delayed(milliseconds: 30_000)])),
      ]), method: one(of: ["GET", "PUT", "PATCH", "POST", "DELETE", nil]),
      count: Int.random(in: 1...4, using: &self))
  }
}
