// Files of people for the console: which there are, what is in one, what an import would do, and the
// import. Each runs by itself and tells how far it is; nothing here holds up a key.

import Basics
import Console
import Dispatch
import Domain
import Glibc
import PeopleSources
import Storage

final class ImportDesk: Sendable {
  private let workspace: Workspace
  private let listing = DispatchQueue(label: "listkeeper.files", qos: .utility)
  /// The reading or the import that is under way.
  private let underWay = Locked<Task<Void, Never>?>(nil)

  /// Names that are offered at most.
  private static let mostNames = 200

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// With the home folder in the place of a leading `~`.
  static func expanded(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }

  /// What is under way reads no further; of an import what is written stays.
  func stop() { underWay.withLock { $0 }?.cancel() }

  /// One at a time: what nobody waits for any more ends.
  private func begin(_ body: @escaping @Sendable () async -> Void) {
    underWay.withLock { task in
      task?.cancel()
      task = Task.detached { await body() }
    }
  }

  func inspect(_ path: String, _ tell: @escaping @Sendable (Answer) -> Void) {
    start(tell) { (importer) throws(Problem) in
      .importFile(try await importer.inspect(Self.expanded(path)))
    }
  }

  func preview(_ order: ImportOrder, _ tell: @escaping @Sendable (Answer) -> Void) {
    let pacer = Pacer(workspace.time)
    start(tell) { (importer) throws(Problem) in
      let preview = try await importer.preview(order) { done in
        if pacer.isDue { tell(.importNews(.looking(done: done))) }
      }
      return .importNews(.previewed(preview))
    }
  }

  func run(
    _ order: ImportOrder, as who: String, _ tell: @escaping @Sendable (EditOutcome) -> Void
  ) {
    let pacer = Pacer(workspace.time)
    let importer = PeopleImport(workspace)
    let written = Locked(Written())
    let name = order.path.split(separator: "/").last.map(String.init) ?? order.path
    begin {
      do throws(Problem) {
        let report = try await importer.run(order, by: who) { done, total in
          written.withLock { ($0.done, $0.total) = (done, total) }
          if pacer.isDue { tell(EditOutcome(.importNews(.writing(done: done, total: total)))) }
        } marked: { mark in
          written.withLock { $0.mark = mark }
        }
        let news = ImportNews.imported(
          added: report.added, changed: report.changed, unchanged: report.unchanged,
          notices: report.notices)
        tell(
          EditOutcome(
            .importNews(news), report.undo.map { .takingBack($0, "the import of \(name)") }))
      } catch {
        let before = written.withLock { $0 }
        guard before.done > 0 else { return tell(EditOutcome(.refused(error))) }
        let news = ImportNews.brokenOff(
          error, done: before.done, total: before.total, canBeTakenBack: before.mark != nil)
        tell(
          EditOutcome(
            .importNews(news), before.mark.map { .takingBack($0, "the import of \(name)") }))
      }
    }
  }

  /// What an import has written so far.
  private struct Written {
    var done = 0
    var total = 0
    var mark: EditMark?
  }

  private func start(
    _ tell: @escaping @Sendable (Answer) -> Void,
    _ body: @escaping @Sendable (PeopleImport) async throws(Problem) -> Answer
  ) {
    let importer = PeopleImport(workspace)
    begin {
      do throws(Problem) { tell(try await body(importer)) } catch { tell(.refused(error)) }
    }
  }

  /// Folders, and files of text, whose paths begin so.
  func files(_ start: String, _ tell: @escaping @Sendable (Answer) -> Void) {
    listing.async { tell(.files(start, Self.names(beginningWith: start))) }
  }

  private static func names(beginningWith start: String) -> [String] {
    let slash = start.lastIndex(of: "/")
    let head = slash.map { String(start[...$0]) } ?? ""
    let tail = slash.map { String(start[start.index(after: $0)...]) } ?? start
    let folder = head.isEmpty ? "." : expanded(head)
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(tail), name != ".", name != "..",
        tail.hasPrefix(".") || !name.hasPrefix("."), name == Text.oneLine(name)
      else { continue }
      var status = stat()
      guard stat("\(folder)/\(name)", &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        names.append("\(head)\(name)/")
      } else if [".csv", ".tsv", ".txt"].contains(where: { name.lowercased().hasSuffix($0) }) {
        names.append(head + name)
      }
    }
    return Array(names.sorted().prefix(mostNames))
  }
}

/// Lets news through ten times a second.
private final class Pacer: Sendable {
  private let time: any TimeSource
  private let last = Locked<Instant?>(nil)

  init(_ time: any TimeSource) { self.time = time }

  var isDue: Bool {
    let now = time.now()
    return last.withLock { last in
      if let last, now < last + .milliseconds(100) { return false }
      last = now
      return true
    }
  }
}
