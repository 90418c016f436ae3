// One table of keys: nothing bound twice, nothing without its sentence.

import Basics
import Domain
import Screen
import Testing

@testable import Console

@Suite struct KeyTableTests {
  @Test func `no two keys of a pane mean two things`() {
    for pane in PaneID.allCases {
      var console = ready(pane)
      console.press("j")
      let own = console.session.panes[pane]?.bindings(in: console.session.world) ?? []
      for place in [KeyBinding.Place.keys, .actionMenu] {
        let keys = own.filter { $0.place == place }.flatMap(\.keys)
        #expect(Set(keys).count == keys.count, "\(pane)")
      }
    }
  }

  @Test func `a pane never takes a key that means the same everywhere`() {
    let world = Sample.world()
    let kept: Set<Key> = [
      "F", "R", "P", ":", "^P", "?", "F1", "q", "^L", "^Z", ".", "!", "%", "y", "x", "0", "1", "6",
      "z", "Z", "<", ">",
    ]
    for pane in PaneID.allCases {
      let own = ready(pane, world).session.panes[pane]?.bindings(in: world) ?? []
      // In Mapping they step through people, as the frame says.
      let kept = pane == .mapping ? kept.subtracting(["<", ">"]) : kept
      let taken = own.filter { $0.place == .keys }.flatMap(\.keys).filter(kept.contains)
      #expect(taken == [], "\(pane)")
    }
  }

  @Test func `every binding has a sentence, and the README's table has every key`() {
    let table = ConsoleSession.keyTable()
    for pane in PaneID.allCases {
      #expect(table.contains("**\(pane)**"))
      for binding in ready(pane).session.bindings() {
        let isListed = binding.keys.isEmpty || table.contains("| \(binding.help) |")
        #expect(binding.help.hasSuffix(".") && isListed, "\(binding.action)")
      }
    }
  }

  @Test func `the letters of a name find it, and the key finds itself`() {
    let world = Sample.world()
    let all = GlobalKeys.bindings(in: world, isHeld: false)
    func best(_ letters: String) -> ActionID? {
      all.compactMap { binding in
        Fuzzy.score(letters, in: CommandPalette.Entry(binding)).map { ($0, binding.action) }
      }.max { $0.0 < $1.0 }?.1
    }
    #expect(best("fsync") == GlobalKeys.forceSync)
    #expect(best("resy") == GlobalKeys.resync)
    #expect(best("F") == GlobalKeys.forceSync)
    #expect(best("settings") == GlobalKeys.pane(.settings))
    #expect(best("zzzz") == nil)
  }

  /// With rows to act on, before anything was read, and with nothing there.
  private func situations(_ pane: PaneID) -> [TestSession] {
    var unread = Sample.world(120, 36)
    unread.overview = nil
    unread.hasKey = false
    var inDetail = ready(pane)
    inDetail.press("Tab")
    return [
      ready(pane), inDetail, Sample.session(pane, Sample.world()), Sample.session(pane, unread),
    ]
  }

  @Test(arguments: PaneID.allCases)
  func `every key of the table acts or says why not`(_ pane: PaneID) {
    for (number, console) in situations(pane).enumerated() {
      for binding in console.session.bindings() {
        for key in binding.keys {
          var pressed = console
          if binding.place == .actionMenu { pressed.press("x") }
          let before = pressed.session.draw()
          let effects = pressed.handle(.input(.key(key)))
          let hasSaid = !pressed.noticeLine.isEmpty && pressed.session.draw() != before
          let remembers = pressed.session.memory != console.session.memory
          let acted = !effects.isEmpty || pressed.session.draw() != before || remembers
          #expect(acted, "\(pane), situation \(number): \(key) is \(binding.action)")
          if let whyNot = binding.whyNot, console.session.world.overview != nil {
            #expect(hasSaid && effects.isEmpty, "\(pane): \(key), \(whyNot)")
          }
        }
      }
    }
  }

  @Test(arguments: PaneID.allCases)
  func `a key that is in no table says that it does nothing`(_ pane: PaneID) {
    let letters = (33...126).compactMap { Unicode.Scalar(UInt8($0)) }.map { Key($0) }
    let console = ready(pane)
    let known = Set(console.session.bindings().filter { $0.place == .keys }.flatMap(\.keys))
    for key in letters + ["F5", "^G", "Insert", "Backspace", "A-x", "S-F3", "é", "中"]
    where !known.contains(key) && GlobalKeys.motion(key) == nil {
      var pressed = console
      #expect(pressed.handle(.input(.key(key))) == [], "\(pane): \(key)")
      #expect(pressed.noticeLine.contains("\(key) does nothing here"), "\(pane): \(key)")
    }
  }
}
