// `mapping` as somebody runs it: edits, refusals, merge fields created at the practice Mailchimp.

import Basics
import Sandbox
import Support
import Testing

@Suite struct MappingCommandTests {
  private func tags(_ shell: Shell) async throws -> [String] {
    (try await shell.json("mapping")["mapping"]?.array ?? []).compactMap { $0["tag"]?.string }
  }

  @Test func `a merge field is created, mapped both ways, moved and removed`() async throws {
    let shell = try await Shell()
    let made = try await shell.json(
      "mapping", "create-field", "shoe", "--name", "Shoe size", "--type", "number")
    #expect(made["mergeField"]?["tag"] == "SHOE")
    let held = shell.mailchimp.exchanges.filter { $0.method == "POST" }.map(\.path)
    #expect(held == ["/3.0/lists/\(shell.mailchimp.audience)/merge-fields"])
    #expect(try await shell.run("people", "add-field", "shoe_size", "--type", "number").code == 0)
    let set = try await shell.run(
      "mapping", "set", "custom:shoe_size", "SHOE", "--direction", "both")
    #expect(set.code == 0, "\(set.errors)")
    #expect(set.output.contains("custom.shoe_size"))
    #expect(try await shell.run("mapping", "move", "SHOE", "1").code == 0)
    #expect(try await tags(shell).first == "SHOE")
    #expect(try await shell.run("mapping", "remove", "SHOE").code == 0)
    #expect(try await !tags(shell).contains("SHOE"))
  }

  @Test func `a tag Mailchimp would cut is refused and nothing is asked of it`() async throws {
    let shell = try await Shell()
    let before = shell.mailchimp.exchanges.count
    let ended = try await shell.run("mapping", "create-field", "MEMBERSHIPNO")
    #expect(ended.code == 1)
    #expect(ended.errors.contains("has 12 characters"))
    #expect(shell.mailchimp.exchanges.count == before)
    let taken = try await shell.run("mapping", "create-field", "FNAME")
    #expect(taken.errors.contains("FNAME already"))
    let type = try await shell.run("mapping", "create-field", "X", "--type", "dropdwn")
    #expect(type.code == 2)
    #expect(type.errors.contains("Did you mean 'dropdown'?"))
  }

  @Test func `a constant and a default are rows of their own`() async throws {
    let shell = try await Shell()
    _ = try await shell.run("mapping", "create-field", "ORIGIN")
    _ = try await shell.run("mapping", "create-field", "GREETING")
    #expect(
      try await shell.run("mapping", "set", "company", "ORIGIN", "--constant", "town hall").code
        == 0)
    #expect(
      try await shell.run(
        "mapping", "set", "first_name", "GREETING", "--default", "friend", "--direction", "both"
      ).code == 0)
    let rows = try await shell.json("mapping")["mapping"]?.array ?? []
    let steps = rows.compactMap { $0["transforms"]?.string }.filter { !$0.isEmpty }
    #expect(steps == [#"constant("town hall")"#, #"default("friend")"#])
    #expect(try await shell.run("settings", "set", "sync.direction", "both").code == 0)
    let back = try await shell.run(
      "mapping", "set", "company", "ORIGIN", "--constant", "x", "--direction", "both")
    #expect(back.code == 4)
    #expect(back.errors.contains("cannot be turned back"))
  }

  @Test func `a slip of the pen is answered with what was meant`() async throws {
    let shell = try await Shell()
    let tag = try await shell.run("mapping", "set", "company", "FNMAE")
    #expect(tag.code == 4)
    #expect(tag.errors.contains("Did you mean 'FNAME'?"))
    let field = try await shell.run("mapping", "set", "frist_name", "FNAME")
    #expect(field.code == 2)
    #expect(field.errors.contains("Did you mean 'first_name'?"))
    let address = try await shell.run("mapping", "set", "email", "EMAIL")
    #expect(address.errors.contains("always sent"))
    let least = try await shell.run("mapping", "remove", "FNAME")
    #expect(least.code == 4)
    #expect(least.errors.contains("Nothing is sent to FNAME"))
  }

  // MARK: Custom fields and addresses

  @Test func `custom fields are added, checked, listed and removed with their values`()
    async throws
  {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    let add = ["people", "add-field"]
    #expect(try await shell.run(add + ["size", "--type", "choice", "--choices", "S,M"]).code == 0)
    #expect(try await shell.run(add + ["SIZE"]).code == 1)
    #expect(try await shell.run(add + ["x", "--type", "adress"]).code == 2)
    #expect(try await shell.run(add + ["x", "--type", "number", "--choices", "1"]).code == 1)
    let wrong = try await shell.run("people", "add", "first_name=Ada", "custom:size=XL")
    #expect(wrong.code == 1)
    #expect(wrong.errors.contains("Give one of: S, M."))
    try await shell.add("first_name=Ada", "custom:size=m")
    #expect(try await shell.json("people", "show", "#1")["customFields"]?["size"] == "M")
    let fields = try await shell.json("people", "fields")["fields"]?.array ?? []
    #expect(fields.first?["people"] == 1)
    let kept = try await shell.run("people", "remove-field", "Size")
    #expect(kept.code == 1)
    #expect(kept.errors.contains("1 person has a value"))
    #expect(try await shell.run("people", "remove-field", "Size", "--yes").code == 0)
    #expect(try await shell.json("people", "show", "#1")["customFields"] == [:])
    #expect(try await shell.run("people", "remove-field", "size").code == 1)
  }

  @Test func `a postal address is set part by part and emptied`() async throws {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    try await shell.add("first_name=Ada", "address.line1=1 Rue", "address.country=fr")
    let set = ["people", "set", "#1"]
    #expect(try await shell.run(set + ["address.city=Paris"]).code == 0)
    let address = try await shell.json("people", "show", "#1")["address"]
    #expect(address?["line1"] == "1 Rue")
    #expect(address?["city"] == "Paris")
    #expect(address?["country"] == "FR")
    let country = try await shell.run(set + ["address.country=France"])
    #expect(country.code == 1)
    #expect(country.errors.contains("two letters"))
    let part = try await shell.run(set + ["address.lin1=x"])
    #expect(part.errors.contains("Did you mean 'line1'?"))
    #expect(try await shell.run(set + ["address=1 Rue"]).code == 1)
    #expect(try await shell.run(set + ["address="]).code == 0)
    #expect(try await shell.json("people", "show", "#1")["address"] == .null)
  }
}
