import Basics
import Screen
import Support
import Testing

@Suite struct InputTests {
  private let noon = Instant(milliseconds: 43_200_000)

  private func events(_ text: String) -> [InputEvent] {
    var decoder = InputDecoder()
    return decoder.feed(text.utf8, at: noon) + decoder.pauseEnded(at: noon)
  }

  @Test(arguments: [
    ("\u{1B}[A", "Up"), ("\u{1B}OB", "Down"), ("\u{1B}[1;5C", "^Right"), ("\u{1B}[1;3D", "A-Left"),
    ("\u{1B}[Z", "S-Tab"), ("\u{1B}[5~", "PgUp"), ("\u{1B}[6;5~", "^PgDn"), ("\u{1B}[H", "Home"),
    ("\u{1B}[4~", "End"), ("\u{1B}OP", "F1"), ("\u{1B}[24~", "F12"), ("\u{1B}[[A", "F1"),
    ("\u{1B}[15;2~", "S-F5"), ("\u{13}", "^S"), ("\u{1C}", "^\\"), ("\u{0}", "^Space"),
    ("\u{1B}x", "A-x"), ("\u{1B}", "Esc"), ("\r", "Enter"), ("\t", "Tab"), ("\u{7F}", "Backspace"),
    ("\u{8}", "Backspace"), (" ", "Space"), ("é", "é"), ("中", "中"), ("🙂", "🙂"), ("G", "G"),
    ("\u{1B}[27u", "Esc"), ("\u{1B}[97;5u", "^A"), ("\u{1B}[97;2u", "A"), ("\u{1B}[3~", "Delete"),
    ("\u{1B}\u{7F}", "A-Backspace"),
  ]) func `bytes are the key they mean`(bytes: String, name: String) {
    #expect(events(bytes).map(String.init(describingKey:)) == [name])
  }

  @Test(arguments: [
    ("\u{1B}]11;rgb:ffff/ffff/ffff\u{1B}\\", true), ("\u{1B}]11;rgb:00/00/00\u{7}", false),
    ("\u{1B}]11;rgba:fd/f6/e3/ff\u{7}", true), ("\u{1B}[?997;1n", false),
    ("\u{1B}[?997;2n", true),
  ]) func `what the terminal says of its background is light or dark`(bytes: String, isLight: Bool)
  {
    #expect(events(bytes + "a") == [.background(isLight: isLight), .key("a")])
  }

  @Test(arguments: [
    "\u{1B}]11;rgb:ffff/ffff\u{7}", "\u{1B}]11;rgb:xx/00/00\u{7}", "\u{1B}]10;rgb:ff/ff/ff\u{7}",
    "\u{1B}]11;#ffffff\u{7}", "\u{1B}[?997n", "\u{1B}[?997;3n", "\u{1B}[?6n",
  ]) func `an answer that says something else is nothing`(bytes: String) {
    #expect(events(bytes + "a") == [.key("a")])
  }

  @Test func `a key that is printed can be read back`() throws {
    let codes: [Key.Code] = [
      .enter, .escape, .tab, .backspace, .delete, .insert, .home, .end, .pageUp, .pageDown, .up,
      .down, .left, .right, .function(1), .function(24), .character("a"), .character("Z"),
      .character("-"), .character("^"), .character(" "), .character("é"), .character("["),
    ]
    for code in codes {
      for bits in UInt8(0)..<8 {
        let modifiers = Modifiers(rawValue: bits)
        if case .character(let scalar) = code {
          if modifiers.contains(.control) && scalar == "Z" { continue }
          if modifiers.contains(.shift) { continue }
        }
        let key = Key(code, modifiers)
        #expect(Key(name: key.description) == key, "\(key)")
      }
    }
    #expect(Key(name: "^s") == Key(name: "^S"))
    #expect(Key(name: "Sp ace") == nil && Key(name: "") == nil && Key(name: "F99") == nil)
  }

  @Test func `a lone escape waits, and is the key Esc only when nothing follows`() {
    var decoder = InputDecoder()
    #expect(decoder.feed([0x1B], at: noon) == [])
    #expect(decoder.isWaiting)
    #expect(decoder.feed(Array("[A".utf8), at: noon) == [.key("Up")])
    #expect(decoder.isWaiting == false)
    #expect(decoder.feed([0x1B], at: noon) + decoder.pauseEnded(at: noon) == [.key("Esc")])
    #expect(decoder.pauseEnded(at: noon) == [])
  }

  @Test func `a paste is one piece of text whatever is in it`() {
    #expect(
      events("a\u{1B}[200~q\rF\r\ny\u{1B}[A\u{3}é\u{1B}[201~b")
        == [.key("a"), .pasted("q\nF\ny\u{1B}[A\u{3}é"), .key("b")])
    #expect(events("\u{1B}[200~\u{1B}[20\u{1B}[201~") == [.pasted("\u{1B}[20")])
    var decoder = InputDecoder()
    #expect(decoder.feed(Array("\u{1B}[200~rm".utf8), at: noon) == [])
    #expect(decoder.pauseEnded(at: noon) == [], "a pause does not end a paste")
    #expect(decoder.feed(Array(" -r\u{1B}[201~".utf8), at: noon) == [.pasted("rm -r")])
  }

  @Test func `what is no key is swallowed whole`() {
    #expect(events("\u{1B}[?1;2c") == [])
    #expect(events("\u{1B}]10;rgb:0000/0000/0000\u{7}x") == [.key("x")])
    #expect(events("\u{1B}P1$r0m\u{1B}\\x") == [.key("x")])
    #expect(events("\u{1B}[99;99;99Xx") == [.key("x")])
    var decoder = InputDecoder()
    #expect(decoder.feed([0xFF, 0xC3, 0x28, 0x61], at: noon) == [.key("("), .key("a")])
  }

  @Test func `the mouse presses, drags, releases and turns its wheel`() {
    #expect(
      events(
        "\u{1B}[<0;5;3M\u{1B}[<32;6;3M\u{1B}[<0;6;3m\u{1B}[<64;1;1M\u{1B}[<65;1;1M\u{1B}[<18;2;2M")
        == [
          .mouse(MouseEvent(.pressed(.left), Point(4, 2))),
          .mouse(MouseEvent(.dragged(.left), Point(5, 2))),
          .mouse(MouseEvent(.released(.left), Point(5, 2))),
          .mouse(MouseEvent(.wheelUp, Point(0, 0))), .mouse(MouseEvent(.wheelDown, Point(0, 0))),
          .mouse(MouseEvent(.pressed(.right), Point(1, 1), .control)),
        ])
    #expect(events("\u{1B}[I\u{1B}[O") == [.focused(true), .focused(false)])
  }

  @Test func `two presses on one place are a double one, three are not two`() {
    func kinds(_ times: [Int64], _ places: [String]) -> [MouseEvent.Kind] {
      var decoder = InputDecoder()
      return zip(times, places).flatMap { time, place in
        decoder.feed(Array("\u{1B}[<0;\(place)M".utf8), at: noon + .milliseconds(time))
      }.compactMap { if case .mouse(let mouse) = $0 { mouse.kind } else { nil } }
    }
    let single = MouseEvent.Kind.pressed(.left)
    let double = MouseEvent.Kind.doublePressed(.left)
    #expect(kinds([0, 200, 400], ["1;1", "1;1", "1;1"]) == [single, double, single])
    #expect(kinds([0, 500], ["1;1", "1;1"]) == [single, single])
    #expect(kinds([0, 100], ["1;1", "2;1"]) == [single, single])
  }

  @Test func `bytes in any pieces are the same events`() async throws {
    let parts = [
      "a", "é", "中", "🙂", "\u{1B}[A", "\u{1B}[1;5C", "\u{1B}OP", "\u{1B}[<0;3;4M", "\u{1B}[I", "\r",
      "\u{1B}[200~x\u{1B}y\r\nz\u{1B}[201~", "\u{1B}]52;c;?\u{7}", "\u{13}", "\u{1B}x", "\u{1B}[[B",
    ]
    try await forAll(300) { random in
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        bytes += Array(parts[Int.random(in: 0..<parts.count, using: &random)].utf8)
      }
      var whole = InputDecoder()
      let expected = whole.feed(bytes, at: noon)
      var pieces = InputDecoder()
      var found: [InputEvent] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...4, using: &random))
        found += pieces.feed(piece, at: noon)
        rest = rest.dropFirst(piece.count)
      }
      guard found == expected else { throw Violation("\(bytes): \(found) is not \(expected)") }
    }
  }

  @Test func `no bytes whatever stop the decoder`() async throws {
    try await forAll(300) { random in
      var decoder = InputDecoder()
      for _ in 0..<40 {
        let bytes = (0..<6).map { _ -> UInt8 in
          Bool.random(using: &random)
            ? [0x1B, 0x5B, 0x3B, 0x3C, 0x4D, 0x7E, 0x4F, 0x5D, 0x39].randomElement(using: &random)
              ?? 0
            : UInt8.random(in: 0...255, using: &random)
        }
        _ = decoder.feed(bytes, at: noon)
        _ = decoder.pauseEnded(at: noon)
      }
      _ =
        decoder.feed(Array("\u{1B}[201~\u{7}\u{1B}\\".utf8), at: noon)
        + decoder.pauseEnded(at: noon)
      guard decoder.feed([0x71], at: noon).last == .key("q") else { throw Violation("stuck") }
    }
  }
}

extension String {
  fileprivate init(describingKey event: InputEvent) {
    if case .key(let key) = event { self = key.description } else { self = "\(event)" }
  }
}
