import Basics
import Storage
import Support
import Testing

@testable import Commands

@Suite struct AnswerDeskTests {
  @Test(.timeLimit(.minutes(10)))
  func `closing ends what is under way, and does not begin it again`()
    async throws
  {
    let folder = try TemporaryDirectory()
    let workspace = try Workspace.create(at: folder.file("a.listkeeper"))
    defer { workspace.close() }
    let desk = AnswerDesk(try workspace.makeReader(), label: "test")
    let begun = Observed(0)
    let ended = Observed<[Result<Int, Problem>]>([])
    for _ in 0..<2 {
      desk.read(
        { (reading) throws(Problem) in
          var rows = 0
          try reading.database.query(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
          ) { _ in
            if rows == 0 { begun.update { $0 += 1 } }
            rows += 1
          }
          return rows
        }, then: { result in ended.update { $0.append(result) } })
    }
    #expect(await begun.waits(within: .seconds(120)) { $0 == 1 })
    desk.close()
    #expect(begun.value == 1)
    let codes = ended.value.map { result -> String in
      if case .failure(let problem) = result { problem.code } else { "none" }
    }
    #expect(codes == ["cancelled", "cancelled"])
  }
}

@Suite struct FileTextTests {
  @Test func `a file is read whole or not at all`() throws {
    let folder = try TemporaryDirectory()
    let small = try folder.write("small", "a = b\n")
    #expect(try FileText.read(small) == "a = b\n")
    let large = try folder.write("large", String(repeating: "x", count: (16 << 20) + 1))
    #expect(throws: Problem.self) { try FileText.read(large) }
    let folders = #expect(throws: Problem.self) { try FileText.read(folder.path) }
    #expect(folders?.code == "file.unreadable")
  }
}

@Suite struct ExitCodeTests {
  @Test(arguments: [
    ("engine.held", ExitCode.engineElsewhere), ("engine.lost", .engineElsewhere),
    ("engine.running", .failed), ("usage.empty-search", .usage),
    ("settings.line-break", .configuration),
  ])
  func `a problem ends a command with the number scripts rely on`(code: String, exit: ExitCode) {
    #expect(ExitCode.of(Problem(code, "It is so.", remedy: "")) == exit)
  }
}
