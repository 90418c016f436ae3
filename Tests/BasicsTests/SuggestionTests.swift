import Basics
import Testing

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("execution", "executions"), ("stauts", "status"), ("PEOPEL", "people"), ("hlp", "help"),
  ])
  func `a mistyped word finds the one that was meant`(word: String, meant: String) {
    let words = ["status", "people", "executions", "help"]
    #expect(Suggestion.didYouMean(word, among: words) == meant)
  }

  @Test(arguments: ["", "xyzzy", "audience", "p"])
  func `a word near nothing suggests nothing`(word: String) {
    #expect(Suggestion.didYouMean(word, among: ["status", "people", "executions"]) == nil)
  }

  @Test func `two neighbours exchanged are one mistake`() {
    #expect(Suggestion.distance(Array("ab"), Array("ba")) == 1)
    #expect(Suggestion.distance(Array(""), Array("abc")) == 3)
  }
}
