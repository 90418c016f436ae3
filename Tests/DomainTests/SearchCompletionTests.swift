// A search completed as it is typed: whatever is taken can be read, and means what it says.

import Basics
import Domain
import Support
import Testing

@Suite struct SearchCompletionTests {
  private var words: SearchVocabulary {
    var words = SearchVocabulary()
    words.customFields = [
      CustomField(name: "Shoe size", type: .number),
      CustomField(name: "level", type: .choice, choices: ["gold", "very gold", "none"]),
    ]
    words.accounts = ["Guest account", "Donors, old", "say \"hi\""]
    words.tags = ["choir", "none"]
    words.states = [.init("refused", people: 28)]
    words.reasons = [
      .init("duplicate-of", people: 53), .init("mailchimp.invalid-email", people: 1),
    ]
    return words
  }

  private func offered(_ text: String, cursor: Int? = nil) -> [String] {
    SearchCompletion(text, cursor: cursor ?? text.count, words).suggestions.map(\.text)
  }

  private func taken(_ text: String, _ index: Int = 0, cursor: Int? = nil) -> String {
    let completion = SearchCompletion(text, cursor: cursor ?? text.count, words)
    return completion.taking(completion.suggestions[index], in: text).text
  }

  @Test func `fields are offered by their beginning, all of them for nothing yet`() {
    #expect(offered("").count == SearchField.builtIn.count + 2)
    #expect(offered("st") == ["state:"])
    #expect(offered("-op") == ["opt-in:"])
    #expect(taken("active:yes -op") == "active:yes -opt-in:")
    #expect(offered("custom.s") == ["custom.\"Shoe size\":"])
    // A word that is no field's is free text: nothing is in its way.
    #expect(offered("smith ") == [])
    #expect(offered("smith") == [])
  }

  @Test func `values are those that can stand there`() {
    #expect(offered("state:re") == ["refused"])
    #expect(offered("opt-in:") == ["yes", "no", "unknown"])
    #expect(offered("active:yes,n") == ["no"])
    #expect(offered("updated:") == ["today", "this-month", ">", "<"])
    #expect(offered("updated:>t") == ["today", "this-month"])
    #expect(offered("reason:d") == ["duplicate-of"])
    #expect(offered("custom.level:v") == ["\"very gold\""])
    #expect(offered("state:refused") == [])
    #expect(offered("nosuch:a") == [])
    #expect(taken("account:\"Gu") == "account:\"Guest account\"")
    #expect(taken("account:don -tag:x", cursor: 11) == "account:\"Donors, old\" -tag:x")
  }

  @Test func `only the directory knows names, and it is asked for their beginning`() {
    #expect(
      SearchCompletion("last:sm", cursor: 7, words).beginning == SearchBeginning(.last, "sm"))
    #expect(SearchCompletion("account:sm", cursor: 10, words).beginning == nil)
    var known = words
    (known.beginning, known.values) = (SearchBeginning(.last, "sm"), [.init("Smith", people: 9)])
    #expect(SearchCompletion("last:sm", cursor: 7, known).suggestions.map(\.text) == ["Smith"])
    // Those of another beginning are not its.
    #expect(SearchCompletion("last:smy", cursor: 8, known).suggestions.map(\.text) == [])
  }

  @Test func `whatever is taken is read as that field and that value`() async throws {
    let starts = [
      "state:", "reason:", "account:", "tag:", "opt-in:", "kind:", "custom.level:", "birthday:",
      "active:no,", "-account:=", "a -tag:", "deleted:",
    ]
    try await forAll(200) { random in
      let text = starts.randomElement(using: &random) ?? ""
      let completion = SearchCompletion(text, cursor: text.count, words)
      guard let suggestion = completion.suggestions.randomElement(using: &random) else {
        throw Violation("nothing is offered for \(text)")
      }
      let whole = completion.taking(suggestion, in: text).text
      let query = try SearchQuery(whole, customFields: words.customFields)
      guard case .field(_, let matches)? = query.terms.last?.condition else {
        throw Violation("\(whole) is no field")
      }
      let wanted = suggestion.label
      let isIt: Bool =
        switch matches.last {
        case .contains(let word), .equals(let word): word == wanted
        case .missing: wanted == "none"
        default: ["today", "this-month"].contains(wanted)
        }
      // A tag that is called none is written in quotes, and not what has no value.
      if !isIt { throw Violation("\(whole) became \(query)") }
    }
  }
}
