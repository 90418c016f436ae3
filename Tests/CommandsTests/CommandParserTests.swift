import Basics
import Commands
import Testing

@Suite struct CommandParserTests {
  private let parser = CommandParser([
    CommandSection(
      "Practice",
      [
        CommandGroup(
          "people", "The people", alone: "list",
          [
            Command(
              "people list", "List people", [.init("SEARCH", .search, "Which ones.")],
              options: [Self.limitOption], shape: "{}"
            ) { (_) throws(Problem) in .done },
            Command("people delete", "Delete somebody", [.init("PERSON", .one, "Who.")]) {
              (_) throws(Problem) in .done
            },
          ]),
        CommandGroup(
          "plans", "Plans",
          [
            Command("plans list", "List plans") { (_) throws(Problem) in .done },
            Command("plans show", "Show a plan", [.init("PLAN", .one, "Its number.")]) {
              (_) throws(Problem) in .done
            },
          ]),
        CommandGroup(
          Command(
            "help", "Say what a command does", [.init("COMMAND", .search, "Which one.")]
          ) { (_) throws(Problem) in .done }),
        CommandGroup(
          Command("logs", "Show logs", options: [Self.followOption]) { (_) throws(Problem) in .done
          }),
      ])
  ])
  private static let limitOption = Command.Option.value("limit", "N", "At most this many.")
  private var limit: Command.Option { Self.limitOption }

  private func command(_ words: String...) throws -> (String, Invocation) {
    guard case .run(let command, let invocation) = try parser.parse(words) else {
      throw Problem("test", "no command")
    }
    return (command.name, invocation)
  }

  private func refusal(_ words: String...) -> Problem? {
    do throws(Problem) {
      _ = try parser.parse(words)
      return nil
    } catch {
      return error
    }
  }

  @Test func `options stand before, between and after words, with a blank or an equals sign`()
    throws
  {
    for words in [
      ["--workspace", "a", "people", "list", "x", "--limit=3"],
      ["people", "--workspace=a", "list", "--limit", "3", "x"],
      ["people", "list", "--limit=9", "--limit=3", "--workspace=a", "x"],
    ] {
      guard case .run(let command, let invocation) = try parser.parse(words) else {
        Issue.record("no command in \(words)")
        continue
      }
      #expect(command.name == "people list")
      #expect(invocation[.workspace] == "a")
      #expect(invocation[limit] == "3")
      #expect(invocation.arguments == ["x"])
    }
  }

  @Test func `the first word alone means what its group says, also before an option`() throws {
    #expect(try command("people").0 == "people list")
    #expect(try command("people", "--limit", "3").0 == "people list")
    #expect(refusal("plans")?.code == "usage.missing-command")
  }

  @Test func `a search may exclude with a minus, and a double dash ends the options`() throws {
    #expect(try command("people", "list", "a", "-tag:vip").1.arguments == ["a", "-tag:vip"])
    #expect(try command("people", "list", "--", "--limit").1.arguments == ["--limit"])
    #expect(try command("people", "--", "list").1.arguments == ["list"])
    #expect(refusal("plans", "list", "-tag:vip")?.code == "usage.unknown-option")
  }

  @Test func `a slip of the pen is answered with the nearest word there is`() {
    #expect(refusal("poeple")?.remedy.contains("Did you mean 'people'?") == true)
    #expect(refusal("people", "lst")?.remedy.contains("Did you mean 'list'?") == true)
    #expect(
      refusal("people", "list", "--limt=3")?.remedy.contains("Did you mean '--limit'?") == true)
    #expect(refusal("frobnicate")?.remedy.contains("Did you mean") == false)
  }

  @Test func `what is missing or too much is named and ends with exit code 2`() {
    let refusals = [
      refusal("people", "delete"): "usage.missing-argument",
      refusal("people", "delete", "1", "2"): "usage.too-many-arguments",
      refusal("people", "list", "--limit"): "usage.missing-value",
      refusal("logs", "--follow=yes"): "usage.value-not-wanted",
      refusal("people", "delete", "1", "--json"): "usage.no-json",
      refusal("logs", "--plain", "logs"): "usage.plain-is-for-console",
    ]
    for (problem, code) in refusals {
      #expect(problem?.code == code)
      #expect(problem.map { ExitCode.of($0) } == .usage)
      #expect(problem?.remedy.isEmpty == false)
    }
  }

  @Test func `help is asked for in three ways, and wins over what is missing`() throws {
    for words in [
      ["help", "people", "delete"], ["people", "delete", "--help"], ["people", "delete", "-h"],
    ] {
      guard case .help(.command(let command)) = try parser.parse(words) else {
        Issue.record("no help from \(words)")
        continue
      }
      #expect(command.name == "people delete")
    }
    guard case .help(.group(let group)) = try parser.parse(["people", "--help"]) else {
      Issue.record("no help on the group")
      return
    }
    #expect(group.name == "people")
    guard case .help(nil) = try parser.parse(["--help"]) else {
      Issue.record("no help on everything")
      return
    }
  }

  @Test func `a short option is its long one`() throws {
    #expect(try command("logs", "-f").1.has(Self.followOption))
  }

  private static let followOption = Command.Option.flag("follow", short: "f", "Go on.")
  private var follow: Command.Option { Self.followOption }
}
