import Screen
import Support
import Testing

@Suite struct FormTests {
  private let connection = Form([
    Form.Field("head", "Mailchimp", .heading),
    Form.Field(
      "key", "API key", .secret, required: true,
      help: "From Mailchimp: Account, Extras, API keys. It ends in -us21 or alike."),
    Form.Field("parallel", "Parallel calls", .number, value: "6", help: "1 to 9."),
    Form.Field(
      "direction", "Direction",
      .choice([Form.Choice("push", "Send only"), Form.Choice("both", "Both ways")]),
      value: "push"),
    Form.Field("dry", "Dry run", .toggle, value: "false"),
    Form.Field("test", "Test connection", .button),
  ])

  private func typing(_ keys: [Key], in form: Form) -> (Form, [Form.Outcome]) {
    var form = form
    let outcomes = keys.map { form.handle(.key($0)) }
    return (form, outcomes)
  }

  @Test func `a wide form has help beside the field`() {
    var form = connection
    _ = form.handle(.pasted(" 0123456789abcdef-us21\n"))
    form.setProblem("Mailchimp does not know this key.", of: "key")
    let drawn = picture(92, 9) { form.draw(on: &$0) }
    #expect(
      drawn == """
         Mailchimp
         API key *         •••••••••••••••••••••                         From Mailchimp: Account,
                           ✗ Mailchimp does not know this key.           Extras, API keys. It ends
         Parallel calls    6                                             in -us21 or alike.
         Direction         Send only                                  ▼
         Dry run           [□] no
                           [ Test connection ]
        """)
  }

  @Test func `a narrow form has help under the field`() {
    let drawn = picture(44, 10) { connection.draw(on: &$0) }
    #expect(
      drawn == """
         Mailchimp
         API key *
                           From Mailchimp:
                           Account, Extras, API
                           keys. It ends in -us21
                           or alike.
         Parallel calls    6
         Direction         Send only             ▼
         Dry run           [□] no
                           [ Test connection ]
        """)
  }

  @Test func `the focused field is in view on the smallest screen`() {
    let (form, _) = typing(["Tab", "Tab", "Tab", "Tab"], in: connection)
    let drawn = buffer(44, 2) { form.draw(on: &$0) }
    #expect(drawn.line(1).contains("[ Test connection ]"))
    #expect(buffer(44, 2) { connection.draw(on: &$0) }.line(0).contains("API key"))
  }

  @Test func `letters are text, also those that are commands elsewhere`() {
    let (form, outcomes) = typing(["q", "F", "?", "1"], in: connection)
    #expect(form["key"] == "qF?1")
    #expect(outcomes.allSatisfy { $0 == .changed("key") })
    #expect(form.changedIDs == ["key"])
  }

  @Test func `a number takes digits only, typed or pasted`() {
    var (form, outcomes) = typing(["Tab", "^U", "x", "1", "2"], in: connection)
    #expect(form["parallel"] == "12")
    #expect(outcomes[2] == .handled)
    _ = form.handle(.pasted("3 calls"))
    #expect(form["parallel"] == "123")
  }

  @Test func `a choice turns by Space and by its first letter, a toggle by Space`() {
    let (form, _) = typing(["Tab", "Tab", "Space"], in: connection)
    #expect(form["direction"] == "both")
    #expect(typing(["s"], in: form).0["direction"] == "push")
    #expect(typing(["Left", "Left"], in: form).0["direction"] == "both")
    let (toggled, outcomes) = typing(["Tab", "Space", "Space", "Space"], in: form)
    #expect(toggled["dry"] == "true")
    #expect(outcomes.last == .changed("dry"))
  }

  @Test func `a secret is dots until it is revealed, and again after leaving it`() {
    var (form, outcomes) = typing(["s", "e", "^R"], in: connection)
    #expect(outcomes[2] == .revealed("key"))
    #expect(picture(60, 9) { form.draw(on: &$0) }.contains("se"))
    _ = form.handle(.key("Tab"))
    #expect(picture(60, 9) { form.draw(on: &$0) }.contains("••"))
  }

  @Test func `Enter walks on and submits in the last field`() {
    let (_, outcomes) = typing(["Enter", "Enter", "Enter", "Enter"], in: connection)
    #expect(outcomes == [.handled, .handled, .handled, .submitted])
    #expect(typing(["S-Tab", "Enter"], in: connection).1 == [.handled, .activated("test")])
    #expect(typing(["^S", "^T", "Esc"], in: connection).1 == [.submitted, .tested, .cancelled])
  }

  @Test func `a field that cannot be changed says why`() {
    var form = connection
    form.fields[1].disabledReason = "The environment sets it."
    #expect(form.handle(.key("x")) == .refused("The environment sets it."))
    #expect(form["key"] == "")
    #expect(picture(92, 9) { form.draw(on: &$0) }.contains("The environment sets it."))
  }

  @Test func `typing clears what was wrong, and the mouse finds the field`() {
    var form = connection
    form.setProblem("Too short.", of: "key")
    _ = form.handle(.key("x"))
    #expect(form.fields[1].problem.isEmpty)
    #expect(form.field(at: Point(20, 1), in: Size(92, 9)) == "key")
    #expect(form.field(at: Point(20, 0), in: Size(92, 9)) == nil)
    #expect(form.field(at: Point(20, 2), in: Size(92, 9)) == "parallel")
  }
}
