// "Did you mean …": the known word that a mistyped one is nearest to. Small on purpose: it looks at
// a few dozen words once, when somebody has already made a mistake.

package enum Suggestion {
  /// The nearest of `known`, where it is near enough to be meant: a third of the letters may be
  /// wrong, one at least. Letter case does not count. At a tie the first of `known`.
  package static func didYouMean(_ word: String, among known: [String]) -> String? {
    let typed = Array(word.lowercased())
    guard !typed.isEmpty, typed.count <= 64 else { return nil }
    let allowed = max(1, typed.count / 3)
    let nearest = known.enumerated().map { (place, candidate) in
      (distance(typed, Array(candidate.lowercased())), place, candidate)
    }.min { ($0.0, $0.1) < ($1.0, $1.1) }
    guard let nearest, nearest.0 <= allowed else { return nil }
    return nearest.2
  }

  /// The same as a sentence for the end of a remedy, with a blank before it; empty when nothing is
  /// near.
  package static func sentence(_ word: String, among known: [String]) -> String {
    didYouMean(word, among: known).map { " Did you mean '\($0)'?" } ?? ""
  }

  /// Damerau–Levenshtein (optimal string alignment): letters inserted, dropped, replaced, or two
  /// neighbours exchanged.
  package static func distance(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty { return b.count }
    if b.isEmpty { return a.count }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + Array(repeating: 0, count: b.count)
      for j in 1...b.count {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          row[j] = min(row[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}
