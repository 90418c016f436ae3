// Keys and their names. One spelling everywhere: the binding table, the footer, the help, the README
// and the tests write `^S`, `S-Tab`, `A-x`, `F1`, `PgUp`, `Space`. What must stay true: printing a
// key and reading the name gives the same key.

package struct Modifiers: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let shift = Modifiers(rawValue: 1)
  package static let alt = Modifiers(rawValue: 2)
  package static let control = Modifiers(rawValue: 4)
}

package struct Key: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  package enum Code: Sendable, Hashable {
    /// What the key types; capital letters are scalars of their own, without the shift modifier.
    case character(Unicode.Scalar)
    case enter, escape, tab, backspace, delete, insert, home, end, pageUp, pageDown
    case up, down, left, right
    case function(Int)
  }

  package var code: Code
  package var modifiers: Modifiers

  package init(_ code: Code, _ modifiers: Modifiers = []) {
    self.code = code
    self.modifiers = modifiers
  }

  package init(_ scalar: Unicode.Scalar) { self.init(.character(scalar)) }

  /// The scalar it types where letters are text: none with control or alt held.
  package var typed: Unicode.Scalar? {
    guard case .character(let scalar) = code, modifiers.isEmpty else { return nil }
    return scalar
  }

  /// Reads a name; nil where there is no such key.
  package init?(name: String) {
    var rest = Substring(name)
    var modifiers: Modifiers = []
    while rest.unicodeScalars.count > 1 {
      if rest.hasPrefix("^") {
        modifiers.insert(.control)
        rest = rest.dropFirst(1)
      } else if rest.unicodeScalars.count > 2,
        let (prefix, modifier) = Self.prefixes.first(where: {
          rest.hasPrefix($0.0)
        })
      {
        modifiers.insert(modifier)
        rest = rest.dropFirst(prefix.count)
      } else {
        break
      }
    }
    if rest.unicodeScalars.count == 1, var scalar = rest.unicodeScalars.first {
      if modifiers.contains(.control), ("A"..."Z").contains(scalar) {
        scalar = Unicode.Scalar(UInt8(scalar.value) + 32)
      }
      self.init(.character(scalar), modifiers)
    } else if let code = Self.names.first(where: { $0.name == rest })?.code {
      self.init(code, modifiers)
    } else if rest.hasPrefix("F"), let number = Int(rest.dropFirst()), (1...24).contains(number) {
      self.init(.function(number), modifiers)
    } else {
      return nil
    }
  }

  /// For names written in the source; a misspelt one stops the first test that touches it.
  package init(stringLiteral name: String) {
    guard let key = Key(name: name) else {
      preconditionFailure("There is no key '\(name)'.")  // because only source text comes here
    }
    self = key
  }

  package var description: String {
    var text = ""
    if modifiers.contains(.alt) { text += "A-" }
    if modifiers.contains(.shift) { text += "S-" }
    switch code {
    case .character(let scalar) where modifiers.contains(.control):
      text += "^" + (scalar == " " ? "Space" : Self.capital(scalar))
    case .character(let scalar): text += scalar == " " ? "Space" : String(scalar)
    case .function(let number): text += (modifiers.contains(.control) ? "^" : "") + "F\(number)"
    default:
      let name = Self.names.first { $0.code == code }?.name ?? ""
      text += (modifiers.contains(.control) ? "^" : "") + name
    }
    return text
  }

  private static func capital(_ scalar: Unicode.Scalar) -> String {
    ("a"..."z").contains(scalar) ? String(scalar).uppercased() : String(scalar)
  }

  private static let prefixes: [(String, Modifiers)] = [
    ("S-", .shift), ("A-", .alt), ("M-", .alt), ("C-", .control),
  ]

  private static let names: [(name: String, code: Code)] = [
    ("Enter", .enter), ("Esc", .escape), ("Tab", .tab), ("Backspace", .backspace),
    ("Delete", .delete), ("Insert", .insert), ("Home", .home), ("End", .end), ("PgUp", .pageUp),
    ("PgDn", .pageDown), ("Up", .up), ("Down", .down), ("Left", .left), ("Right", .right),
    ("Space", .character(" ")), ("PageUp", .pageUp), ("PageDown", .pageDown),
    ("Escape", .escape), ("Return", .enter), ("Del", .delete),
  ]
}
