import Basics
import Domain
import Support
import Testing

@testable import Storage

@Suite struct RetentionTests {
  @Test func `a large execution is removed a piece at a time, its rows before itself`() throws {
    let folder = try TemporaryDirectory()
    let workspace = try Workspace.create(at: folder.file("a.listkeeper"))
    try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
      let id = try tx.executions.create(.pushPeople, .change, audienceID: "a", status: .running)
      try tx.executions.record(
        (0..<12).map {
          RowOutcome(
            person: nil, key: AddressKey("p\($0)@town.dev"), result: .updated, reason: "",
            sentence: "")
        }, of: id)
      try tx.executions.log([LogLine(at: tx.now, .info, "It ran.")], of: id)
      try tx.executions.finish(id)
    }
    let later = workspace.time.now() + .days(1)
    var removed: [Int] = []
    while removed.last != 0 {
      removed.append(
        try workspace.writeBlocking(as: "test") { (tx) throws(Problem) in
          try tx.executions.sweep(before: later, failuresBefore: later, rows: 5)
        })
    }
    #expect(removed == [5, 5, 2, 1, 1, 0])
  }
}
