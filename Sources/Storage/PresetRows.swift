// Puts a preset into a workspace: settings, schedules, the mapping to start with.

import Basics
import Domain

extension WorkspaceTransaction {
  /// Fills in a preset. Schedules are added where there are none yet; the mapping is replaced as
  /// long as nothing was sent by it.
  package func apply(_ preset: Preset) throws(Problem) {
    for (key, text) in preset.settings.sorted(by: { $0.key < $1.key }) {
      try settings.set(key, to: text)
    }
    if try schedules.all().isEmpty {
      for terms in preset.schedules { _ = try schedules.add(terms) }
    }
    let hasSent = try database.integer("SELECT count(*) FROM link WHERE agreed IS NOT NULL") > 0
    if !hasSent { try audiences.saveMapping(preset.mapping) }
  }
}
