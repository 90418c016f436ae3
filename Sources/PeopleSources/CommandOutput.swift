// A command as a source: its standard output is CSV with a header, or JSON lines, so that
// `psql --csv -c …` makes any database a source. What must stay true: output that was cut, or that
// a command with a non-zero exit code printed, has told nothing.

import Basics
import Domain
import Glibc

package struct CommandOutput: PeopleSource {
  let command: String
  /// Takes a line of JSON a person on its standard input; empty where nothing goes back.
  let writeBack: String
  let limit: Duration
  let columns: SourceColumns
  /// Never shown, should the command repeat them.
  let secrets: [Secret]

  package init(
    _ command: String, writeBack: String = "", limit: Duration = .seconds(300),
    columns: SourceColumns = SourceColumns(), secrets: [Secret] = []
  ) {
    self.command = command
    self.writeBack = writeBack
    self.limit = limit
    self.columns = columns
    self.secrets = secrets
  }

  package func describe() async throws -> SourceDescription {
    SourceDescription(
      name: CommandOutput.name, fields: [], hasKeys: true, canWriteBack: !writeBack.isEmpty,
      tellsChanges: false)
  }

  private static let name = "the command"

  package func people(
    changedSince cursor: SourceCursor?
  ) -> AsyncThrowingStream<PeoplePage, any Error> {
    PageChannel.stream { (channel) throws(Problem) in
      var rows = OutputRows(columns, into: channel)
      let ended = try run(command, stop: channel.stop) { (bytes) throws(Problem) in
        try rows.feed(bytes)
      }
      // Half an output may look like bad rows: how it ended is said first.
      try check(ended, "source.command")
      try rows.finish()
    }
  }

  package func record(_ change: WriteBack) async throws {
    if writeBack.isEmpty { throw Problem.cannotWriteBack(CommandOutput.name) }
    let line = change.json.serialized() + [0x0A]
    let stop = try Wakeup()
    let ended = try await withTaskCancellationHandler {
      try await Blocking.run { () throws(Problem) in
        try run(writeBack, input: line, stop: stop) { _ in }
      }
    } onCancel: {
      stop.ring()
    }
    try check(ended, "source.write-back")
  }

  private func run(
    _ text: String, input: [UInt8] = [], stop: Wakeup,
    _ take: (ArraySlice<UInt8>) throws(Problem) -> Void
  ) throws(Problem) -> ShellCommand.Ended {
    do throws(Problem) {
      return try ShellCommand(text: text, limit: limit).run(input: input, stop: stop, take)
    } catch {
      guard error.code.hasPrefix("command.") else { throw error }
      throw Problem(
        "source.unavailable", error.sentence, remedy: error.remedy, cause: error.cause)
    }
  }

  private func check(_ ended: ShellCommand.Ended, _ setting: String) throws(Problem) {
    if ended.isOverTime {
      throw Problem(
        "source.unavailable",
        "The command of \(setting) took longer than \(limit.components.seconds) seconds and was "
          + "ended.",
        remedy: "Run it in a shell, or raise source.time-limit.")
    }
    guard ended.code != 0 else { return }
    let said = ErrorLine.clean(ended.errors, hiding: secrets)
    throw Problem(
      "source.unavailable",
      "The command of \(setting) ended with exit code \(ended.code)"
        + (said.isEmpty ? "." : ": \(said)"),
      remedy: "Run it in a shell to see why.", fields: ["status": "\(ended.code)"])
  }
}

/// Rows from bytes as they come: JSON lines where the first is an object, else CSV.
struct OutputRows {
  private enum Format {
    case unknown
    case csv(CSVParser)
    case lines
  }

  private let columns: SourceColumns
  private let channel: PageChannel
  private var format = Format.unknown
  private var csv: PagedRows
  private var line: [UInt8] = []
  private var number = 0
  private var page = PeoplePage()
  private var last: UInt8?
  /// Once it is over, whatever comes after a problem does not matter.
  private var problem: Problem?

  private static let longestLine = 1 << 20

  init(_ columns: SourceColumns, into channel: PageChannel) {
    self.columns = columns
    self.channel = channel
    csv = PagedRows(columns, source: "output", into: channel)
  }

  /// A problem of the format is kept until the end, because a command that breaks off says why.
  mutating func feed(_ bytes: ArraySlice<UInt8>) throws(Problem) {
    last = bytes.last
    guard problem == nil else { return }
    do throws(Problem) {
      try take(bytes)
    } catch {
      if error.code == "cancelled" { throw error }
      problem = error
    }
  }

  mutating func finish() throws(Problem) {
    if let problem { throw problem }
    if let last, last != 0x0A {
      throw Problem(
        "source.half-line", "The command's output ends in the middle of a line.",
        remedy: "Let it end its last line; output that was cut is not taken over.")
    }
    switch format {
    case .unknown: break
    case .csv(var parser):
      var rows = csv
      try parser.finish { (row) throws(Problem) in try rows.add(row) }
      try rows.finish()
    case .lines: if page.count > 0 { try channel.put(page) }
    }
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) throws(Problem) {
    if case .unknown = format {
      guard let first = bytes.first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else {
        return
      }
      format = first == UInt8(ascii: "{") ? .lines : .csv(CSVParser())
    }
    switch format {
    case .unknown: break
    case .csv(var parser):
      var rows = csv
      try parser.feed(bytes) { (row) throws(Problem) in try rows.add(row) }
      csv = rows
      format = .csv(parser)
    case .lines:
      for byte in bytes {
        if byte != 0x0A {
          line.append(byte)
          if line.count > OutputRows.longestLine { throw OutputRows.bad(number + 1, nil) }
          continue
        }
        number += 1
        if !line.allSatisfy({ $0 <= 0x20 }) { try object() }
        line.removeAll(keepingCapacity: true)
      }
    }
  }

  private mutating func object() throws(Problem) {
    let json: JSONValue
    do throws(Problem) { json = try JSONValue.parse(line) } catch {
      throw OutputRows.bad(number, error)
    }
    guard let object = json.object else { throw OutputRows.bad(number, nil) }
    page.add(object.mapValues(\.cell), columns, at: "output line \(number)")
    if page.count == PeoplePage.size {
      try channel.put(page)
      page = PeoplePage()
    }
  }

  private static func bad(_ line: Int, _ cause: Problem?) -> Problem {
    Problem(
      "source.not-json", "Line \(line) of the command's output is no JSON object.",
      remedy: "Print one JSON object a line, or CSV with a header.",
      fields: ["line": "\(line)"], cause: cause?.sentence)
  }
}

extension PeoplePage {
  /// A person whose columns are their own: nobody else's say what is missing.
  mutating func add(_ object: [String: String?], _ columns: SourceColumns, at place: String) {
    let names = object.keys.sorted()
    do throws(Problem) {
      try SourceRowReader(names, columns, source: place)
        .add(names.map { object[$0] ?? nil }, at: place, to: &self)
    } catch {
      let key = object[columns.key] ?? nil
      let isNobody = error.code == "csv.no-header"
      refused.append(
        SourceRefusal(
          externalID: key.map { Text.oneLine($0) }.flatMap { $0.isEmpty ? nil : $0 }, place: place,
          problem: isNobody
            ? Problem(
              "source.nobody", "\(place): neither a name nor an e-mail address.",
              remedy: "Fill one in at the source.")
            : error))
    }
  }
}

extension JSONValue {
  /// As the text of a cell; nil for lists and objects, which are left out.
  var cell: String? {
    switch self {
    case .null: ""
    case .bool(let value): value ? "yes" : "no"
    case .int(let number): String(number)
    case .number(let number): number.plain
    case .string(let text): text
    case .array, .object: nil
    }
  }
}
