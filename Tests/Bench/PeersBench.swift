// What people use for logs and lists otherwise, on the same lines as a text file, by the same measure
// and in the same run: less, lnav and tig where they are installed, and htop for what it is to idle.

import Basics
import Foundation
import Screen
import Storage
import Support

enum PeersBench {
  private struct Peer {
    var name: String
    var command: String
    var start: String
    var hasLog = true
    var top: Key = "g"
    /// Opens at the end of the log, and searches behind the screen: n goes to a hit once it is found.
    var isLnav = false
  }

  static func run(workspace path: String, lines: Int, _ home: TemporaryDirectory) async throws {
    let log = home.file("peers.log")
    let writing = try Bench.time { try export(path, to: log) }
    print("\nPeers, \(lines) lines as text, 120x36")
    Bench.row("writing the text", String(format: "%.0f s", writing))
    let peers = [
      Peer(name: "less", command: "exec less '\(log)'", start: "Line 1 "),
      Peer(
        name: "lnav", command: "exec lnav '\(log)'", start: "The last line", isLnav: true),
      Peer(name: "tig", command: "exec tig < '\(log)'", start: "Line 1 ", top: "Home"),
      Peer(name: "htop", command: "exec htop", start: "Load average", hasLog: false),
    ]
    for peer in peers {
      guard FileManager.default.isExecutableFile(atPath: "/usr/bin/\(peer.name)") else {
        Bench.row(peer.name, "is not installed")
        continue
      }
      do { try await run(peer, home) } catch {
        // A peer that does not answer as expected is no reason to stop.
        Bench.row(peer.name, "\(error)".split(separator: "\n").first.map(String.init) ?? "")
      }
    }
  }

  private static func run(_ peer: Peer, _ home: TemporaryDirectory) async throws {
    let clock = ContinuousClock.now
    let session = try TerminalSession(
      "/bin/sh", ["-c", peer.command],
      environment: ["HOME": home.path, "XDG_CONFIG_HOME": home.path, "LC_ALL": "C.UTF-8"],
      size: Size(120, 36))
    defer { session.close() }
    try await session.waits(for: peer.start, within: .seconds(300))
    let figures = SessionFigures(session: session, title: "\(peer.name): ")
    Bench.row(
      "\(peer.name): start to text shown",
      SessionFigures.milliseconds((ContinuousClock.now - clock).seconds))
    guard peer.hasLog else {
      try await figures.keys("Page-Down and Page-Up", 40) { $0.isMultiple(of: 2) ? "PgDn" : "PgUp" }
      figures.memory("memory")
      return try await figures.idle()
    }
    if peer.isLnav {
      try await figures.timed("to the first lines", [peer.top]) { $0.contains("Line 1 ") }
    }
    try await figures.keys("Page-Down from the start", 100) { _ in "PgDn" }
    try await figures.timed("to the first lines", [peer.top]) { $0.contains("Line 1 ") }
    let asking = peer.isLnav ? Task { try await press("n", in: session) } : nil
    defer { asking?.cancel() }
    try await figures.timed(
      "a search with its hit at 90 %", ["/"] + SessionFigures.letters("needle") + ["Enter"]
    ) { $0.contains("The needle lies here") }
    asking?.cancel()
    figures.memory("memory")
    try await figures.idle()
  }

  /// Ten times a second, from when what is searched for has been typed.
  private static func press(_ key: Key, in session: TerminalSession) async throws {
    while !Task.isCancelled {
      try await Task.sleep(for: .milliseconds(100))
      session.press(key)
    }
  }

  /// As a log: a time, a level, a sentence.
  private static func export(_ workspace: String, to log: String) throws {
    guard FileManager.default.createFile(atPath: log, contents: nil),
      let file = FileHandle(forWritingAtPath: log)
    else { return }
    defer { try? file.close() }
    let workspace = try Workspace.open(at: workspace)
    defer { workspace.close() }
    try workspace.readBlocking { (reading) throws(Problem) in
      var block: [UInt8] = []
      try reading.database.query(
        """
        SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch')
          || CASE level WHEN 3 THEN ' ERROR ' WHEN 2 THEN ' WARN ' ELSE ' INFO ' END
          || sentence || char(10)
        FROM log_line ORDER BY id
        """
      ) { row in
        row.withBytes(ofText: 0) { block.append(contentsOf: $0) }
        if block.count > 1 << 20 {
          file.write(Data(block))
          block.removeAll(keepingCapacity: true)
        }
      }
      file.write(Data(block))
    }
  }
}
