// Bytes from a terminal to events. Pure: fed in any pieces, the same bytes give the same events.
// What must stay true: nothing between the marks of a bracketed paste is ever a key, and an escape
// sequence nobody knows is swallowed whole instead of being typed.

import Basics

package struct InputDecoder: Sendable {
  /// A paste beyond this is cut, so that a file dropped on the window cannot fill the memory.
  static let longestPaste = 1 << 20
  /// A sequence beyond this is no sequence.
  private static let longestSequence = 64
  private static let pasteStart: [UInt8] = Array("\u{1B}[200~".utf8)
  private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

  private var pending: [UInt8] = []
  private var paste: [UInt8]?
  private var lastPress: (button: MouseEvent.Button, position: Point, at: Instant)?

  package init() {}

  /// Bytes of an unfinished sequence wait; after a pause they mean the key Esc.
  package var isWaiting: Bool { !pending.isEmpty && paste == nil }

  package mutating func feed(_ bytes: some Sequence<UInt8>, at now: Instant) -> [InputEvent] {
    var events: [InputEvent] = []
    for byte in bytes {
      if paste != nil {
        if let text = takePasted(byte) { events.append(.pasted(text)) }
      } else {
        pending.append(byte)
        drain(into: &events, at: now, isOver: false)
      }
    }
    return events
  }

  /// The pause after a lone escape is over: what waits is decided as it stands.
  package mutating func pauseEnded(at now: Instant) -> [InputEvent] {
    var events: [InputEvent] = []
    if paste == nil { drain(into: &events, at: now, isOver: true) }
    return events
  }

  // MARK: Paste

  private mutating func takePasted(_ byte: UInt8) -> String? {
    pending.append(byte)
    if Self.pasteEnd.starts(with: pending) {
      guard pending.count == Self.pasteEnd.count else { return nil }
      let text = Self.text(of: paste ?? [])
      paste = nil
      pending = []
      return text
    }
    // Not the end mark: what was held back is data, except that the mark may begin again here.
    let held = pending.dropLast()
    let restarts = byte == 0x1B && !held.isEmpty
    let data = restarts ? Array(held) : pending
    pending = restarts ? [byte] : []
    if (paste?.count ?? 0) < Self.longestPaste { paste?.append(contentsOf: data) }
    return nil
  }

  private static func text(of bytes: [UInt8]) -> String {
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var afterReturn = false
    for byte in bytes {
      if byte == 0x0D {
        kept.append(0x0A)
      } else if !(byte == 0x0A && afterReturn) {
        kept.append(byte)
      }
      afterReturn = byte == 0x0D
    }
    return String(decoding: kept, as: UTF8.self)
  }

  // MARK: Sequences

  private enum Step {
    case event(InputEvent, Int)
    case skip(Int)
    case paste(Int)
    case wait
  }

  private mutating func drain(into events: inout [InputEvent], at now: Instant, isOver: Bool) {
    while !pending.isEmpty {
      switch step(isOver: isOver) {
      case .wait: return
      case .skip(let count): pending.removeFirst(count)
      case .event(let event, let count):
        pending.removeFirst(count)
        events.append(counted(event, at: now))
      case .paste(let count):
        pending.removeFirst(count)
        paste = []
        return
      }
    }
  }

  private func step(isOver: Bool) -> Step {
    let first = pending[0]
    if first != 0x1B { return character(from: 0, modifiers: [], isOver: isOver) }
    guard pending.count > 1 else {
      return isOver ? .event(.key(Key(.escape)), 1) : .wait
    }
    switch pending[1] {
    case UInt8(ascii: "["): return control(isOver: isOver)
    case UInt8(ascii: "O"):
      guard pending.count > 2 else {
        return isOver ? .event(.key(Key(.character("O"), .alt)), 2) : .wait
      }
      if let key = Self.applicationKeys[pending[2]] { return .event(.key(key), 3) }
      return .skip(3)
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      return string(isOver: isOver)
    case 0x1B:
      // Two escapes: the first is a key of its own.
      return .event(.key(Key(.escape)), 1)
    default: return character(from: 1, modifiers: .alt, isOver: isOver)
    }
  }

  /// An answer of the terminal (OSC, DCS): swallowed to its end.
  private func string(isOver: Bool) -> Step {
    for index in pending.indices.dropFirst(2) {
      let isEnd = pending[index] == UInt8(ascii: "\\") && pending[index - 1] == 0x1B
      guard isEnd || pending[index] == 0x07 else { continue }
      let body = pending[2..<(isEnd ? index - 1 : index)]
      if pending[1] == UInt8(ascii: "]"),
        let isLight = Self.background(String(decoding: body, as: UTF8.self))
      {
        return .event(.background(isLight: isLight), index + 1)
      }
      return .skip(index + 1)
    }
    if isOver && pending.count == 2 {
      return character(from: 1, modifiers: .alt, isOver: true)
    }
    return isOver || pending.count > 4096 ? .skip(pending.count) : .wait
  }

  /// Reads `11;rgb:RR/GG/BB`, the answer to the question for the background; each part has one to
  /// four digits. Light is what is nearer to white.
  private static func background(_ answer: String) -> Bool? {
    guard answer.hasPrefix("11;rgb:") || answer.hasPrefix("11;rgba:") else { return nil }
    let parts = answer.split(separator: ":").last?.split(separator: "/").prefix(3) ?? []
    let shares = parts.compactMap { part -> Double? in
      guard (1...4).contains(part.count), let value = Int(part, radix: 16) else { return nil }
      return Double(value) / Double(1 << (4 * part.count) - 1)
    }
    guard shares.count == 3 else { return nil }
    return shares[0] * 0.299 + shares[1] * 0.587 + shares[2] * 0.114 > 0.5
  }

  private func character(from start: Int, modifiers: Modifiers, isOver: Bool) -> Step {
    let byte = pending[start]
    func key(_ code: Key.Code, _ more: Modifiers = []) -> Step {
      .event(.key(Key(code, modifiers.union(more))), start + 1)
    }
    switch byte {
    case 0x0D, 0x0A: return key(.enter)
    case 0x09: return key(.tab)
    case 0x7F, 0x08: return key(.backspace)
    case 0x00: return key(.character(" "), .control)
    case 0x01...0x1A: return key(.character(Unicode.Scalar(byte + 96)), .control)
    case 0x1C...0x1F: return key(.character(Unicode.Scalar(byte + 64)), .control)
    case 0x20..<0x7F: return key(.character(Unicode.Scalar(byte)))
    default: break
    }
    let length =
      switch byte {
      case 0xC2...0xDF: 2
      case 0xE0...0xEF: 3
      case 0xF0...0xF4: 4
      default: 1
      }
    guard length > 1 else { return .skip(start + 1) }
    let available = pending.dropFirst(start).prefix(length)
    let isBroken = available.dropFirst().contains { !(0x80...0xBF).contains($0) }
    if isBroken { return .skip(start + 1) }
    guard available.count == length else { return isOver ? .skip(pending.count) : .wait }
    guard let text = String(validating: available, as: UTF8.self),
      let scalar = text.unicodeScalars.first
    else { return .skip(start + length) }
    return .event(.key(Key(.character(scalar), modifiers)), start + length)
  }

  /// CSI: parameters, then one final byte.
  private func control(isOver: Bool) -> Step {
    var end = 2
    while end < pending.count, (0x20...0x3F).contains(pending[end]) { end += 1 }
    guard end < pending.count else {
      if pending.count > Self.longestSequence { return .skip(pending.count) }
      guard isOver else { return .wait }
      return pending.count == 2 ? .event(.key(Key(.character("["), .alt)), 2) : .skip(pending.count)
    }
    let final = pending[end]
    let body = pending[2..<end]
    let length = end + 1
    guard (0x40...0x7E).contains(final) else { return .skip(end) }
    // The Linux console's function keys: ESC [ [ A.
    if final == UInt8(ascii: "["), body.isEmpty {
      guard length < pending.count else { return isOver ? .skip(length) : .wait }
      let number = Int(pending[length]) - 64
      return (1...5).contains(number)
        ? .event(.key(Key(.function(number))), length + 1) : .skip(length + 1)
    }
    if body.first == UInt8(ascii: "<") {
      guard let mouse = Self.mouse(body.dropFirst(), isRelease: final == UInt8(ascii: "m")) else {
        return .skip(length)
      }
      return .event(.mouse(mouse), length)
    }
    // Mode 2031: the person chose a dark (1) or a light (2) look for all programs.
    if final == UInt8(ascii: "n"), body.first == UInt8(ascii: "?") {
      let numbers = Self.numbers(body.dropFirst())
      guard numbers.count == 2, numbers[0] == 997, (1...2).contains(numbers[1]) else {
        return .skip(length)
      }
      return .event(.background(isLight: numbers[1] == 2), length)
    }
    let numbers = Self.numbers(body)
    switch final {
    case UInt8(ascii: "I"): return .event(.focused(true), length)
    case UInt8(ascii: "O"): return .event(.focused(false), length)
    case UInt8(ascii: "Z"): return .event(.key(Key(.tab, .shift)), length)
    case UInt8(ascii: "~"):
      if numbers.first == 200 { return .paste(length) }
      guard let code = Self.numbered[numbers.first ?? 0] else { return .skip(length) }
      return .event(.key(Key(code, Self.modifiers(numbers))), length)
    case UInt8(ascii: "u"):
      guard let key = Self.reported(numbers) else { return .skip(length) }
      return .event(.key(key), length)
    default:
      guard let key = Self.applicationKeys[final], numbers.count <= 2 else { return .skip(length) }
      return .event(.key(Key(key.code, key.modifiers.union(Self.modifiers(numbers)))), length)
    }
  }

  private static func numbers(_ body: ArraySlice<UInt8>) -> [Int] {
    guard !body.isEmpty else { return [] }
    return body.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { part in
      part.prefix { (0x30...0x39).contains($0) }.prefix(6).reduce(0) { $0 * 10 + Int($1) - 48 }
    }
  }

  /// The second parameter: one more than the sum of shift 1, alt 2, control 4.
  private static func modifiers(_ numbers: [Int]) -> Modifiers {
    guard numbers.count > 1, numbers[1] > 1 else { return [] }
    return Modifiers(rawValue: UInt8(truncatingIfNeeded: (numbers[1] - 1) & 7))
  }

  /// Keys that terminals report as `CSI code ; modifiers u`.
  private static func reported(_ numbers: [Int]) -> Key? {
    guard let value = numbers.first else { return nil }
    let modifiers = modifiers(numbers)
    switch value {
    case 9: return Key(.tab, modifiers)
    case 13: return Key(.enter, modifiers)
    case 27: return Key(.escape, modifiers)
    case 127: return Key(.backspace, modifiers)
    case 32...: break
    default: return nil
    }
    guard let scalar = Unicode.Scalar(UInt32(value)), !Text.isControl(scalar) else { return nil }
    if modifiers == .shift, let upper = scalar.properties.uppercaseMapping.unicodeScalars.first {
      return Key(upper)
    }
    return Key(.character(scalar), modifiers)
  }

  private static let applicationKeys: [UInt8: Key] = [
    UInt8(ascii: "A"): Key(.up), UInt8(ascii: "B"): Key(.down), UInt8(ascii: "C"): Key(.right),
    UInt8(ascii: "D"): Key(.left), UInt8(ascii: "H"): Key(.home), UInt8(ascii: "F"): Key(.end),
    UInt8(ascii: "P"): Key(.function(1)), UInt8(ascii: "Q"): Key(.function(2)),
    UInt8(ascii: "R"): Key(.function(3)), UInt8(ascii: "S"): Key(.function(4)),
    UInt8(ascii: "M"): Key(.enter),
  ]

  private static let numbered: [Int: Key.Code] = [
    1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    11: .function(1), 12: .function(2), 13: .function(3), 14: .function(4), 15: .function(5),
    17: .function(6), 18: .function(7), 19: .function(8), 20: .function(9), 21: .function(10),
    23: .function(11), 24: .function(12),
  ]

  // MARK: Mouse

  private static func mouse(_ body: ArraySlice<UInt8>, isRelease: Bool) -> MouseEvent? {
    let numbers = numbers(body)
    guard numbers.count == 3 else { return nil }
    let (state, position) = (numbers[0], Point(numbers[1] - 1, numbers[2] - 1))
    var modifiers: Modifiers = []
    if state & 4 != 0 { modifiers.insert(.shift) }
    if state & 8 != 0 { modifiers.insert(.alt) }
    if state & 16 != 0 { modifiers.insert(.control) }
    if state & 64 != 0 {
      switch state & 3 {
      case 0: return MouseEvent(.wheelUp, position, modifiers)
      case 1: return MouseEvent(.wheelDown, position, modifiers)
      default: return nil
      }
    }
    let buttons: [MouseEvent.Button] = [.left, .middle, .right]
    guard state & 128 == 0, state & 3 < 3 else { return nil }
    let button = buttons[state & 3]
    if isRelease { return MouseEvent(.released(button), position, modifiers) }
    return MouseEvent(state & 32 != 0 ? .dragged(button) : .pressed(button), position, modifiers)
  }

  /// The second of two presses on one place within 400 ms is a double one.
  private mutating func counted(_ event: InputEvent, at now: Instant) -> InputEvent {
    guard case .mouse(var mouse) = event, case .pressed(let button) = mouse.kind else {
      return event
    }
    if let last = lastPress, last.button == button, last.position == mouse.position,
      now - last.at <= .milliseconds(400), now >= last.at
    {
      lastPress = nil
      mouse.kind = .doublePressed(button)
      return .mouse(mouse)
    }
    lastPress = (button, mouse.position, now)
    return event
  }
}
