// People to practise on, the same ones for the same seed. Most are subscribed; some left, bounced,
// wait for their confirmation or were archived, so that a practice run meets every state.

import Basics

/// SplitMix64: small, and the same on every machine.
struct SandboxRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension SandboxMailchimp {
  /// Adds `count` people to an audience, changed over the year before `now`.
  package mutating func addSamplePeople(
    _ count: Int, seed: UInt64 = 1, in audienceID: String? = nil, at now: Instant
  ) {
    let index = audiences.firstIndex { audienceID == nil || $0.id == audienceID }
    guard let index else { return }
    var random = SandboxRandom(seed: seed)
    for number in 0..<count {
      let person = SamplePerson(number: number, using: &random)
      audiences[index].add(person, at: now)
    }
  }
}

struct SamplePerson {
  let first: String
  let last: String
  let address: String
  let status: MemberStatus
  let age: Duration
  let phone: String
  let birthday: String

  init(number: Int, using random: inout SandboxRandom) {
    first = firstNames.randomElement(using: &random) ?? "Ada"
    last = lastNames.randomElement(using: &random) ?? "Smith"
    let local = "\(first).\(last)".lowercased().utf8.filter {
      (97...122).contains($0) || $0 == UInt8(ascii: ".")
    }
    address = "\(String(decoding: local, as: UTF8.self)).\(number + 1)@mail.example.org"
    status =
      switch Int.random(in: 0..<100, using: &random) {
      case 0..<84: .subscribed
      case 84..<91: .unsubscribed
      case 91..<94: .cleaned
      case 94..<96: .pending
      case 96..<98: .transactional
      default: .archived
      }
    age = .seconds(Int.random(in: 60..<31_536_000, using: &random))
    let digits = Int.random(in: 1_000_000...9_999_999, using: &random)
    phone = Int.random(in: 0..<3, using: &random) == 0 ? "+44 20 \(digits)" : ""
    let month = Int64(Int.random(in: 1...12, using: &random))
    let day = Int64(Int.random(in: 1...28, using: &random))
    birthday =
      Int.random(in: 0..<2, using: &random) == 0 ? "\(padded(month, 2))/\(padded(day, 2))" : ""
  }
}

extension SandboxAudience {
  fileprivate mutating func add(_ person: SamplePerson, at now: Instant) {
    guard member(address: person.address) == nil else { return }
    let then = now - person.age
    var member = newMember(person.address, person.status, at: then)
    let texts = [
      "FNAME": person.first, "LNAME": person.last, "PHONE": person.phone,
      "BIRTHDAY": person.birthday,
    ]
    for field in mergeFields {
      if let text = texts[field.tag], !text.isEmpty { member.values[field.id] = .string(text) }
    }
    member.source = "Import"
    switch person.status {
    case .subscribed, .archived: member.timestampOpt = then.wholeSecond
    case .unsubscribed:
      member.timestampOpt = then.wholeSecond
      member.unsubscribedAt = then.wholeSecond
      member.leftByPerson = true
      member.unsubscribeReason = "No longer interested"
    case .cleaned, .pending, .transactional: break
    }
    store(member)
  }
}

private let firstNames = [
  "Ada", "Amara", "Björn", "Camille", "Chidi", "Dmitri", "Élodie", "Fatima", "Grace", "Hiroshi",
  "Ines", "Jamal", "José", "Katya", "Léa", "Mei", "Nadia", "Noor", "Olu", "Priya", "Quentin",
  "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wanjiru", "Ximena", "Yusuf", "Zoë",
]
private let lastNames = [
  "Abara", "Andersson", "Bianchi", "Castillo", "Chen", "Dubois", "Eriksen", "Fischer", "García",
  "Haddad", "Ito", "Jansen", "Kowalski", "Lindqvist", "Mwangi", "Nakamura", "Novák", "Okafor",
  "O'Brien", "Patel", "Quispe", "Rossi", "Schmidt", "Silva", "Tanaka", "Usman", "Virtanen",
  "Weber", "Yılmaz", "Zhang",
]
