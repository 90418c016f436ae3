// Making a counterexample small: what is not needed for it to fail is left out, so that somebody can
// read the rest.

/// What is left of `whole` when parts, first halves and at last single elements, are left out as
/// long as the rest still fails; at most `replays` rests are tried.
package func shrunk<Element>(
  _ whole: [Element], replays: Int, stillFails: ([Element]) async -> Bool
) async -> [Element] {
  var kept = whole
  var left = replays
  var size = max(1, whole.count / 2)
  while left > 0 {
    var start = 0
    var isSmaller = false
    while start < kept.count, left > 0 {
      var rest = kept
      rest.removeSubrange(start..<min(start + size, kept.count))
      left -= 1
      if await stillFails(rest) {
        kept = rest
        isSmaller = true
      } else {
        start += size
      }
    }
    if size == 1, !isSmaller { break }
    size = max(1, size / 2)
  }
  return kept
}
