// The preset a set-up began with. What must stay true: it is shown as chosen for as long as an undo has
// not brought back what it changed.

import Basics
import Domain

struct SetUpBeginning: Sendable, Equatable {
  private let preset: Preset
  /// Its settings as they were, where they were not their defaults.
  private let before: [String: String]

  /// `values` is what is stored, by key, before the preset is put in.
  init(_ preset: Preset, _ values: [String: Secret]) {
    self.preset = preset
    before = Self.own(values, preset)
  }

  /// What to show as chosen, the settings being these: a preset's word, or nothing.
  func shown(_ values: [String: Secret]) -> String {
    let isUndone = before != preset.settings && before == Self.own(values, preset)
    return isUndone ? "" : preset.rawValue
  }

  private static func own(_ values: [String: Secret], _ preset: Preset) -> [String: String] {
    values.filter { preset.settings[$0.key] != nil }.mapValues { $0.reveal() }
  }
}
