// What a program on a pseudo-terminal costs its user, ours and its peers by the same measure: keys to
// first and to complete screen, bytes, memory, and what it does when nobody does anything.

import Basics
import Foundation
import Screen
import Support

struct SessionFigures {
  let session: TerminalSession
  /// Before each figure's name.
  var title = ""

  /// From keys to a screen that shows what was asked for.
  func timed(
    _ name: String, _ keys: [Key], until holds: @escaping @Sendable (ScreenReader) -> Bool
  ) async throws {
    let clock = ContinuousClock.now
    for key in keys { session.press(key) }
    try await session.waits(for: name, within: .seconds(300), until: holds)
    Bench.row(title + name, Self.milliseconds((ContinuousClock.now - clock).seconds))
  }

  /// Presses keys again and again, each time until `isWhole` holds of a screen that differs.
  func keys(
    _ name: String, _ count: Int, until isWhole: @escaping @Sendable (ScreenReader) -> Bool,
    _ key: (Int) -> Key
  ) async throws {
    var first: [Double] = []
    var whole: [Double] = []
    let bytes = session.byteCount
    for index in 0..<count {
      let before = session.screen.lines
      let clock = ContinuousClock.now
      session.press(key(index))
      // Beside what changes by itself a key may come to nothing: two of them in one picture.
      do {
        try await session.waits(for: "another screen", within: .seconds(2)) { $0.lines != before }
      } catch {
        continue
      }
      first.append((ContinuousClock.now - clock).seconds * 1000)
      try await session.waits(for: "every row", until: isWhole)
      whole.append((ContinuousClock.now - clock).seconds * 1000)
    }
    first.sort()
    whole.sort()
    guard let last = first.indices.last else { return }
    Bench.row(
      title + name,
      String(
        format: "p50 %.2f ms, p99 %.2f ms; complete p50 %.2f, p99 %.2f", first[last / 2],
        first[last * 99 / 100], whole[last / 2], whole[last * 99 / 100]),
      "\((session.byteCount - bytes) / count) bytes each")
  }

  /// The same where a screen that differs is whole.
  func keys(_ name: String, _ count: Int, _ key: (Int) -> Key) async throws {
    try await keys(name, count, until: { _ in true }, key)
  }

  func memory(_ name: String) {
    if let pid = session.pid { Bench.row(title + name, Memory(pid: pid).text) }
  }

  func idle(seconds: Int = 10) async throws {
    guard let pid = session.pid else { return }
    // What came before has an end of its own.
    try await Task.sleep(for: .seconds(3))
    let (processor, wakes, bytes) = (Self.processorTime(pid), Self.wakes(pid), session.byteCount)
    try await Task.sleep(for: .seconds(seconds))
    Bench.row(
      title + "\(seconds) s of idleness",
      String(
        format: "%.0f ms of processor, %.1f wake-ups a second, %d bytes",
        (Self.processorTime(pid) - processor) * 1000,
        Double(Self.wakes(pid, since: wakes)) / Double(seconds), session.byteCount - bytes))
  }

  static func letters(_ text: String) -> [Key] { text.unicodeScalars.map { Key($0) } }

  static func milliseconds(_ seconds: Double) -> String {
    String(format: "%.1f ms", seconds * 1000)
  }

  /// Seconds of processor time a process has used.
  private static func processorTime(_ pid: Int32) -> Double {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return 0 }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return 0
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// How often each of its threads went to sleep, which is how often it was woken.
  private static func wakes(_ pid: Int32) -> [String: Int] {
    let folder = "/proc/\(pid)/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return Dictionary(
      uniqueKeysWithValues: threads.map { thread in
        let text =
          (try? String(contentsOfFile: "\(folder)/\(thread)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
        return (thread, line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
      })
  }

  /// Threads that ended meanwhile are left out.
  private static func wakes(_ pid: Int32, since before: [String: Int]) -> Int {
    wakes(pid).reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) }
  }
}
