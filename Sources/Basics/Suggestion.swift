// "Did you mean …": the known word that a mistyped one is nearest to. It may be asked at every key of
// a field, among six hundred time zones: words of quite another length are not looked at.

package enum Suggestion {
  /// The nearest of `known`, where it is near enough to be meant: a third of the letters may be
  /// wrong, one at least. Letter case does not count. At a tie the first of `known`.
  package static func didYouMean(_ word: String, among known: [String]) -> String? {
    let typed = Array(word.lowercased())
    guard !typed.isEmpty, typed.count <= 64 else { return nil }
    let allowed = max(1, typed.count / 3)
    var nearest: (distance: Int, word: String)?
    for candidate in known {
      let letters = Array(candidate.lowercased())
      guard abs(letters.count - typed.count) <= nearest?.distance ?? allowed else { continue }
      let distance = distance(typed, letters)
      if distance <= allowed, distance < nearest?.distance ?? .max {
        nearest = (distance, candidate)
      }
    }
    return nearest?.word
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
