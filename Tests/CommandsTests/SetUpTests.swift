import Basics
import Foundation
import Sandbox
import Support
import Testing

@Suite struct SetUpTests {
  @Test func `init makes a workspace that only its owner reads, and no second one over it`()
    async throws
  {
    let shell = try Shell(empty: ())
    #expect(try await shell.run("init", "--preset", "customers").code == 0)
    let rights = try FileManager.default.attributesOfItem(atPath: shell.workspace)
    #expect(rights[.posixPermissions] as? Int == 0o600)
    #expect(try await shell.run("settings", "get", "recipients.scope").output == "opted-in\n")
    let again = try await shell.run("init")
    #expect(again.code == 4)
    #expect(again.errors.contains("There is already a file"))
    let slip = try await shell.run("init", "--preset", "custmers")
    #expect(slip.code == 2)
    #expect(slip.errors.contains("Did you mean 'customers'?"))
  }

  @Test func `without a workspace every command says how to make one`() async throws {
    let shell = try Shell(empty: ())
    for words in [["status"], ["sync"], ["people"], ["settings"], ["serve"]] {
      let ended = try await shell.run(words)
      #expect(ended.code == 4, "\(words)")
      #expect(ended.errors.contains("listkeeper init"), "\(words)")
      #expect(ended.output == "", "\(words)")
    }
  }

  @Test func `a key that Mailchimp refuses is not saved, and the one before stays`() async throws {
    let shell = try await Shell()
    let wrong = shell.mailchimp.key.replacingOccurrences(of: "0123", with: "9999")
    let ended = try await shell.run("settings", "set", "mailchimp.key", wrong)
    #expect(ended.code == 4)
    #expect(ended.errors.hasPrefix("Mailchimp refuses the API key.\n"))
    #expect(!ended.errors.contains(wrong))
    #expect(try await shell.run("connect").code == 0)
  }

  @Test(arguments: [
    "0123456789abcdef0123456789abcdef", "us19", "abc-us19", "0123456789abcdef0123456789abcd\"-us19",
    "env:LISTKEEPER_NO_SUCH_VARIABLE", "file:/no/such/file",
  ])
  func `a key that cannot be one is refused with the way out and never sent`(_ key: String)
    async throws
  {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    _ = try await shell.run("settings", "set", "mailchimp.url", shell.mailchimp.url)
    let ended = try await shell.run("settings", "set", "mailchimp.key", key)
    #expect(ended.code == 4)
    #expect(ended.errors.split(separator: "\n").count == 2)
    #expect(shell.mailchimp.exchanges.isEmpty)
    #expect(try await shell.json("settings", "get", "mailchimp.key")["isSet"] == false)
  }

  @Test func `a key that cannot be tried is only saved when somebody says so`() async throws {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    _ = try await shell.run("settings", "set", "mailchimp.url", "http://127.0.0.1:1")
    let key = shell.mailchimp.key
    let ended = try await shell.run("settings", "set", "mailchimp.key", key)
    #expect(ended.code == 4)
    #expect(ended.errors.contains("--untested"))
    #expect(try await shell.json("settings", "get", "mailchimp.key")["isSet"] == false)
    #expect(try await shell.run("settings", "set", "mailchimp.key", key, "--untested").code == 0)
    #expect(try await shell.json("settings", "get", "mailchimp.key")["isSet"] == true)
  }

  @Test func `a secret is read from standard input and printed nowhere`() async throws {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    _ = try await shell.run("settings", "set", "mailchimp.url", shell.mailchimp.url)
    let key = shell.mailchimp.key
    let set = try await shell.run("settings", "set", "mailchimp.key", "-", input: key + "\n")
    #expect(set.code == 0)
    for words in [
      ["settings"], ["settings", "--json"], ["settings", "get", "mailchimp.key"],
      ["settings", "get", "mailchimp.key", "--json"], ["settings", "export"],
      ["settings", "export", "--json"], ["connect"], ["doctor"], ["status", "--json"],
    ] {
      let ended = try await shell.run(words)
      #expect(!(ended.output + ended.errors).contains(key), "\(words)")
      #expect(!(ended.output + ended.errors).contains(key.prefix(12)), "\(words)")
    }
  }

  @Test func `where a secret lies is shown, exported and imported, and a command is not`()
    async throws
  {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    let file = try shell.directory.write("key", shell.mailchimp.key + "\n")
    _ = try await shell.run("settings", "set", "mailchimp.url", shell.mailchimp.url)
    #expect(try await shell.run("settings", "set", "mailchimp.key", "file:\(file)").code == 0)
    #expect(
      try await shell.json("settings", "get", "mailchimp.key")["value"]?.string == "file:\(file)")
    let export = try await shell.run("settings", "export").output
    #expect(export.contains("mailchimp.key = file:\(file)\n"))
    #expect(try await shell.json("settings", "export")["mailchimp.key"]?.string == "file:\(file)")
    _ = try await shell.run("settings", "unset", "mailchimp.key")
    #expect(try await shell.run("settings", "import", "-", input: export).code == 0)
    #expect(try await shell.run("settings", "get", "mailchimp.key").output == "file:\(file)\n")
    let command = "command:echo \(shell.mailchimp.key)"
    #expect(try await shell.run("settings", "set", "mailchimp.key", command).code == 0)
    for words in [["settings", "export"], ["settings", "get", "mailchimp.key", "--json"]] {
      #expect(try await !shell.run(words).output.contains("echo"))
    }
  }

  @Test func `settings are imported whole or not at all, and a mistake names its line`()
    async throws
  {
    let shell = try Shell(empty: ())
    _ = try await shell.run("init")
    let bad = try shell.directory.write(
      "bad.txt", "# mine\nguard.people = 5\n\nguard.percent = many\n")
    let refused = try await shell.run("settings", "import", bad, "--json")
    #expect(refused.code == 4)
    let error = try JSONValue.parse(refused.errors)["error"]
    #expect(error?["fields"]?["line"]?.string == "4")
    #expect(try await shell.run("settings", "get", "guard.people").output == "100\n")
    let good = try shell.directory.write(
      "good.txt", "guard.people = 5\nrecipients.scope=opted-in\n")
    #expect(try await shell.run("settings", "import", good).code == 0)
    let export = try await shell.run("settings", "export").output
    #expect(export == "recipients.scope = opted-in\nguard.people = 5\n")
    _ = try await shell.run("settings", "unset", "guard.people")
    #expect(try await shell.run("settings", "import", "-", input: export).code == 0)
    #expect(try await shell.run("settings", "get", "guard.people").output == "5\n")
  }

  @Test func `only an audience of the account can be chosen`() async throws {
    let shell = try await Shell()
    let ended = try await shell.run("audiences", "use", "nothere")
    #expect(ended.code == 4)
    let chosen = try await shell.run("settings", "get", "mailchimp.audience").output
    #expect(chosen == shell.mailchimp.audience + "\n")
  }

  @Test func `a mapping that cannot work is refused and leaves the old one`() async throws {
    let shell = try await Shell()
    let ended = try await shell.run("mapping", "set", "date_of_birth", "BIRTHDAY")
    #expect(ended.code == 4)
    #expect(ended.errors.contains("month-day"))
    let words = ["mapping", "set", "date_of_birth", "BIRTHDAY", "--transform", "month-day"]
    #expect(try await shell.run(words).code == 0)
    let rows = try await shell.json("mapping")["mapping"]?.array ?? []
    #expect(rows.contains { $0["tag"] == "BIRTHDAY" && $0["transforms"] == "month-day" })
    #expect(try await shell.run("mapping", "remove", "LNAME").code == 4)
    #expect(try await shell.run("mapping", "check").code == 0)
  }

  @Test func `doctor finds a damaged file and ends with 1`() async throws {
    let shell = try await Shell()
    #expect(try await shell.run("doctor").code == 0)
    let path = try shell.directory.write("b.listkeeper", "this is no database")
    let ended = try await ChildProcess.run(
      builtProduct("listkeeper"), ["--workspace", path, "doctor", "--json"],
      environment: shell.environment)
    #expect(ended.code == 1)
    let findings = try JSONValue.parse(ended.output)["findings"]?.array ?? []
    #expect(findings.contains { $0["what"] == "workspace" && $0["level"] == "error" })
  }
}
