// A program for the terminal's own tests: shows what came in, and ends in every way a program can.

import Basics
import Curses
import Foundation
import Screen

@main enum TerminalProbe {
  static func main() {
    let environment = ProcessInfo.processInfo.environment
    do {
      try run(environment)
    } catch {
      FileHandle.standardError.write(Data("\(error.code): \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ environment: [String: String]) throws(Problem) {
    let terminal = try CursesTerminal(CursesTerminal.Options(environment: environment))
    let bell = try Wakeup()
    let scenes = scenes(environment["PROBE_SCENES"])
    var said: [String] = []
    var frames = 0
    while true {
      frames += 1
      terminal.present(
        frames <= scenes.count
          ? scene(scenes[frames - 1], terminal.traits.size) : picture(of: terminal.traits, said),
        theme: .standard)
      for event in terminal.waitForInput(timeout: nil, descriptors: [bell.descriptor]) {
        said.append(words(for: event))
        switch event {
        case .key("q"), .hungUp, .terminated, .interrupted:
          terminal.close()
          print("bye after \(said.last ?? "")")
          exit(event == .key("q") ? 0 : 3)
        case .key("t"): trap(said.count - 1)
        case .key("x"): exit(4)
        case .key("o"):
          Thread.detachNewThread { trap(9) }
        case .key("e"): FileHandle.standardError.write(Data("SPILT INK\n".utf8))
        case .key("^L"): terminal.redraw()
        case .key("^Z"):
          terminal.suspend()
          said.append("came back")
        case .key("y"): terminal.copy("Zoë <zoe@example.org>")
        case .key("m"): terminal.captureMouse(false)
        case .key("w"): bell.ring()
        case .rang: bell.silence()
        default: break
        }
      }
    }
  }

  /// Screens to show one after the other, a key each: rows end in line feeds, screens in form feeds.
  private static func scenes(_ file: String?) -> [Substring] {
    guard let file, let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [] }
    return text.split(separator: "\u{C}")
  }

  private static func scene(_ text: Substring, _ size: Size) -> CellBuffer {
    let roles = Role.allCases
    var canvas = Canvas(size)
    for (y, row) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      canvas.text(String(row), 0, y, roles[row.utf8.count % roles.count])
    }
    return canvas.finish()
  }

  /// Never returns: an index beyond the end is a trap.
  private static func trap(_ index: Int) {
    let empty: [Int] = []
    print(empty[index])
  }

  private static func words(for event: InputEvent) -> String {
    switch event {
    case .key(let key): "key \(key)"
    case .pasted(let text): "pasted \(text.debugDescription)"
    case .mouse(let mouse): "mouse \(mouse.kind) \(mouse.position.x),\(mouse.position.y)"
    case .resized(let size): "resized \(size.width)x\(size.height)"
    case .focused(let isFocused): "focused \(isFocused)"
    case .background(let isLight): "background \(isLight ? "light" : "dark")"
    case .rang: "rang"
    case .resumed: "resumed"
    case .interrupted: "interrupted"
    case .terminated: "terminated"
    case .hungUp: "hung up"
    }
  }

  private static func picture(
    of traits: TerminalTraits, _ said: [String]
  ) -> CellBuffer {
    var canvas = Canvas(traits.size)
    let room = canvas.box(canvas.bounds, title: "Probe", focused: true)
    canvas.inside(room) { inside in
      inside.text(
        "\(traits.size.width)x\(traits.size.height) \(traits.depth) \(traits.name) events \(said.count)",
        0, 0, .strong)
      inside.text("王小明 é e\u{301} 👩‍👧 done", 0, 1, .danger)
      if !traits.remark.isEmpty { inside.text(traits.remark, 0, 2, .warning) }
      inside.inside(Rect(0, 3, inside.width, 1), on: .selection) { row in
        row.fill()
        row.text("selected row", 0, 0)
      }
      for (line, text) in said.suffix(max(0, inside.height - 5)).enumerated() {
        inside.text(text, 0, 4 + line, width: inside.width)
      }
      inside.text("end", inside.width - 3, inside.height - 1, .dim)
      if said.last == "key i" { inside.showCursor(5, 0) }
    }
    return canvas.finish()
  }
}
