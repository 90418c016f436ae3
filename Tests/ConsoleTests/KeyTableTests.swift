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
    ]
    for pane in PaneID.allCases {
      let own = ready(pane, world).session.panes[pane]?.bindings(in: world) ?? []
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
        Fuzzy.score(letters, in: binding).map { ($0, binding.action) }
      }.max { $0.0 < $1.0 }?.1
    }
    #expect(best("fsync") == GlobalKeys.forceSync)
    #expect(best("resy") == GlobalKeys.resync)
    #expect(best("F") == GlobalKeys.forceSync)
    #expect(best("settings") == GlobalKeys.pane(.settings))
    #expect(best("zzzz") == nil)
  }
}
