// What it costs, in figures that can be compared: each beside a floor or a peer measured in the same
// run. Nothing is asserted here; `swift run -c release Bench [queue|sync|console|both|history]` prints,
// and `push`, `pull`, `burst`, `tags` are the parts of `both`. What runs in this process costs
// processor time for engine and practice Mailchimp together.
// Sizes: LISTKEEPER_BENCH_PEOPLE (20000), LISTKEEPER_BENCH_LATENCIES ("0 300", milliseconds),
// LISTKEEPER_BENCH_MESSAGES (50000), LISTKEEPER_BENCH_PULLED (10000), LISTKEEPER_BENCH_EVENTS (5000),
// LISTKEEPER_BENCH_TAGGED (100000), LISTKEEPER_BENCH_TAGS (12), LISTKEEPER_BENCH_EXECUTIONS (1000000),
// LISTKEEPER_BENCH_LINES (10000000). `history` needs to be named: its file takes minutes to fill.

import Basics
import Foundation

@main enum Bench {
  static func main() async throws {
    let wanted = Set(CommandLine.arguments.dropFirst())
    func wants(_ name: String) -> Bool { wanted.isEmpty || wanted.contains(name) }
    print("Listkeeper bench; \(ProcessInfo.processInfo.activeProcessorCount) cores")
    if wants("queue") { try QueueBench.run() }
    if wants("sync") { try await SyncBench.run() }
    if wants("console") { try await ConsoleBench.run() }
    for (name, part) in BothWaysBench.parts where wants("both") || wants(name) { try await part() }
    if wanted.contains("history") { try await HistoryBench.run() }
  }

  static func size(_ name: String, default standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? standard
  }

  /// What `body` takes of time and, in this process, of processor time.
  static func cost(_ body: () async throws -> Void) async rethrows -> Cost {
    let (clock, processor) = (ContinuousClock.now, processorTime())
    try await body()
    return Cost(
      seconds: (ContinuousClock.now - clock).seconds, processor: processorTime() - processor)
  }

  /// Seconds this process has used, its own and the system's for it.
  private static func processorTime() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Seconds that `body` takes.
  static func time(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock.now
    try body()
    return (ContinuousClock.now - clock).seconds
  }

  static func row(_ name: String, _ value: String, _ beside: String = "") {
    print("  \(name.padding(toLength: 46, withPad: " ", startingAt: 0)) \(value)  \(beside)")
    // Each figure as it comes, also into a file.
    fflush(nil)
  }

  static func perSecond(_ count: Int, _ seconds: Double) -> String {
    let rate = Int(Double(count) / max(seconds, 1e-9))
    return "\(rate) a second"
  }
}

struct Cost {
  var seconds = 0.0
  var processor = 0.0

  func text(_ count: Int) -> String {
    String(format: "%.2f s (processor %.2f s), ", seconds, processor)
      + Bench.perSecond(count, seconds)
  }
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}

/// Memory of a process, from /proc; kibibytes.
struct Memory {
  var resident = 0
  var anonymous = 0
  var peak = 0

  init(pid: Int32 = getpid()) {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else {
      return
    }
    for line in text.split(separator: "\n") {
      let value =
        line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        .flatMap { Int($0) } ?? 0
      if line.hasPrefix("VmRSS:") { resident = value }
      if line.hasPrefix("RssAnon:") { anonymous = value }
      if line.hasPrefix("VmHWM:") { peak = value }
    }
  }

  var text: String {
    "\(resident / 1024) MiB resident, \(anonymous / 1024) MiB anonymous, \(peak / 1024) at most"
  }
}
