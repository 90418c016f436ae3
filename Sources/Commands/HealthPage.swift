// What the listener says of itself to a monitor: /healthz and /metrics. What must stay true: it
// counts people and never names one, and however often it is asked, the workspace is read at most
// once a second.

import Basics
import Domain
import HTTP
import Storage

final class HealthPage: Sendable {
  private let workspace: Workspace
  private let kept = Locked<(overview: Overview, readAt: Instant)?>(nil)

  private static let freshness = Duration.seconds(1)

  init(_ workspace: Workspace) { self.workspace = workspace }

  func answer(_ request: HTTPRequest) async -> HTTPResponse {
    guard request.method == "GET", ["/healthz", "/metrics"].contains(request.path) else {
      return .json(404, ["error": "There is /healthz and /metrics."])
    }
    do throws(Problem) {
      let overview = try await overview()
      if request.path == "/healthz" {
        return .json(
          200,
          [
            "status": overview.engine == .blocked ? "blocked" : "ok",
            "engine": .string(overview.engine.rawValue),
            "problem": Self.json(overview.problem),
          ])
      }
      return HTTPResponse(
        200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
        body: Array(Self.metrics(overview).utf8))
    } catch {
      return .json(503, ["status": "failed", "problem": Self.json(error)])
    }
  }

  private func overview() async throws(Problem) -> Overview {
    let now = workspace.time.now()
    if let kept = kept.withLock({ $0 }), kept.readAt <= now, now - kept.readAt < Self.freshness {
      return kept.overview
    }
    let overview = try await workspace.read { (reading) throws(Problem) in
      try reading.reports.overview()
    }
    kept.withLock { $0 = (overview, now) }
    return overview
  }

  /// Without its fields: they hold addresses and paths, and a monitor is no administrator.
  private static func json(_ problem: Problem?) -> JSONValue {
    guard let problem else { return .null }
    return JSONShape.problem(Problem(problem.code, problem.sentence, remedy: problem.remedy))
  }

  private static func metrics(_ overview: Overview) -> String {
    var lines: [String] = []
    func gauge(_ name: String, _ help: String, _ values: [(label: String, value: Int64)]) {
      lines.append("# HELP listkeeper_\(name) \(help)")
      lines.append("# TYPE listkeeper_\(name) gauge")
      for (label, value) in values { lines.append("listkeeper_\(name)\(label) \(value)") }
    }
    gauge(
      "people", "People by state.",
      PersonState.allCases.map { ("{state=\"\($0.rawValue)\"}", Int64(overview.people[$0] ?? 0)) })
    gauge(
      "engine", "1 for what the engine is doing.",
      EngineState.allCases.map { ("{state=\"\($0.rawValue)\"}", $0 == overview.engine ? 1 : 0) })
    gauge("messages_waiting", "Messages in the queue.", [("", Int64(overview.waitingMessages))])
    gauge("dead_letters", "Messages that were given up.", [("", Int64(overview.deadLetters))])
    gauge("held_plans", "Plans that wait for a decision.", [("", Int64(overview.heldPlans))])
    if let finished = overview.lastRun?.finishedAt {
      gauge(
        "last_run_timestamp_seconds", "When the last execution ended.",
        [("", finished.milliseconds / 1000)])
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
