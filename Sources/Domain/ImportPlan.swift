// A file of people on its way in: what its columns are taken for, and what an import would do, row by
// row, before anything is written.

import Basics

/// How a file is to be imported.
package struct ImportOrder: Sendable, Equatable {
  package var path: String
  /// Of the file that was looked at; an import refuses another one.
  package var signature: String?
  /// What columns are taken for, by their names in the file: the word of a native column,
  /// `custom.NAME`, or nothing for one that is left out. Those that are not named speak for
  /// themselves.
  package var matching: [String: String]
  /// Further columns become custom fields.
  package var takesFurther: Bool
  /// Rows that are refused are left out; without it one of them refuses the file.
  package var leavesOutRefused: Bool

  package init(
    path: String, signature: String? = nil, matching: [String: String] = [:],
    takesFurther: Bool = false, leavesOutRefused: Bool = false
  ) {
    self.path = path
    self.signature = signature
    self.matching = matching
    self.takesFurther = takesFurther
    self.leavesOutRefused = leavesOutRefused
  }
}

/// A file as it was looked at: its columns, and what they seem to be.
package struct ImportFile: Sendable, Equatable {
  package struct Column: Sendable, Equatable {
    package enum Origin: Sendable, Equatable {
      /// Its name says it.
      case named
      /// Its name is another spelling of it.
      case suggested
      case unknown
    }
    package var name: String
    /// What stands in it, in the first rows that have something.
    package var samples: [String]
    /// As `ImportOrder.matching` has it.
    package var target: String
    package var origin: Origin
    /// What it may be, where that is too weighty to be suggested.
    package var hint: String

    package init(
      name: String, samples: [String] = [], target: String = "", origin: Origin = .unknown,
      hint: String = ""
    ) {
      self.name = name
      self.samples = samples
      self.target = target
      self.origin = origin
      self.hint = hint
    }
  }

  package var path: String
  package var name: String
  package var signature: String?
  package var columns: [Column]
  /// The words a column can be taken for, native ones first, then the custom fields there are.
  package var targets: [String]

  package init(
    path: String, name: String, signature: String?, columns: [Column], targets: [String]
  ) {
    self.path = path
    self.name = name
    self.signature = signature
    self.columns = columns
    self.targets = targets
  }
}

/// What would become of one row.
package struct ImportRow: Sendable, Equatable, Identifiable {
  package enum Fate: String, Sendable, CaseIterable {
    case refused
    case added = "new"
    case changed
    case unchanged
  }
  /// The line of the file.
  package var id: Int64
  package var fate: Fate
  package var name: String
  package var email: String
  /// What would change, or why it is refused.
  package var text: String

  package init(id: Int64, _ fate: Fate, name: String = "", email: String = "", text: String = "") {
    self.id = id
    self.fate = fate
    self.name = name
    self.email = email
    self.text = text
  }
}

package struct ImportPreview: Sendable, Equatable {
  /// Rows of a fate that are told one by one.
  package static let mostTold = 500

  package var rows = 0
  package var counts: [ImportRow.Fate: Int] = [:]
  /// The first of each fate, by line.
  package var told: [ImportRow.Fate: [ImportRow]] = [:]
  package var newFields: [String] = []
  package var ignoredColumns: [String] = []
  package var notices: [Problem] = []

  package init() {}

  package subscript(fate: ImportRow.Fate) -> Int { counts[fate] ?? 0 }

  package mutating func add(_ row: ImportRow) {
    counts[row.fate, default: 0] += 1
    if told[row.fate, default: []].count < Self.mostTold { told[row.fate, default: []].append(row) }
  }
}

/// How far an import is, and what came of it.
package enum ImportNews: Sendable, Equatable {
  case looking(done: Int)
  case writing(done: Int, total: Int)
  case previewed(ImportPreview)
  case imported(added: Int, changed: Int, unchanged: Int, notices: [Problem])
  /// It broke off; what was written before stays, and can be taken back where it changed anything.
  case brokenOff(Problem, done: Int, total: Int, canBeTakenBack: Bool)
}
