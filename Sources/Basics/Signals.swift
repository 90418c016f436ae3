// Signals as things that happened. The handlers only note and ring; a loop polls `descriptor` and
// takes what came. What must stay true: no code of ours runs inside a handler but the noting, and a
// program whose loop is stuck still ends at the third request.

import CSystem
import Glibc

package enum Signal: Int32, Sendable, CaseIterable {
  case hangUp = 1
  case interrupt = 2
  case terminate = 15
  case runOn = 18
  case stop = 20
  case windowChanged = 28
}

package struct Signals: Sendable {
  /// For a poll set; readable when a signal came.
  package let descriptor: Int32

  /// From now on these signals are noted for this process instead of obeyed. There is one set of
  /// them: a second call adds to the first and rings the same descriptor. A hang-up that is ignored
  /// already, as under nohup, stays so.
  package init(catching signals: some Sequence<Signal>) throws(Problem) {
    let mask = signals.reduce(UInt64(0)) { $0 | (1 << UInt64($1.rawValue)) }
    descriptor = lk_signals_catch(mask)
    if descriptor < 0 {
      throw Problem(
        "system.no-descriptor", "The system gave no descriptor for signals.",
        remedy: "Raise the limit of open files (ulimit -n).",
        cause: String(cString: strerror(errno)))
    }
  }

  /// What came since the last call.
  package func take() -> Set<Signal> {
    let seen = lk_signals_take()
    return Set(Signal.allCases.filter { seen & (1 << UInt64($0.rawValue)) != 0 })
  }

  /// Stops this program as ^Z does; returns when it runs on.
  package static func stopSelf() { lk_stop_self() }
}

/// The promise that the terminal is given back as it was found, whatever ends the program: a return,
/// `exit`, a trap in any thread. SIGKILL is the one end it cannot see.
package enum TerminalGuard {
  /// Remembers the terminal's settings; before any of them is changed.
  package static func arm(input: Int32, output: Int32) throws(Problem) {
    if lk_terminal_guard(input, output) != 0 {
      throw Problem(
        "terminal.unsupported", "Standard input is no terminal.",
        remedy: "Run it in a terminal, or use --plain for lines instead of a screen.",
        cause: String(cString: strerror(errno)))
    }
  }

  /// Gives the terminal back; does nothing the second time.
  package static func release(leavingScreen: Bool) {
    _ = lk_terminal_release(leavingScreen ? 1 : 0)
  }

  /// Before a frame is written; false when the terminal was given back, so that nothing may follow.
  package static func beginFrame() -> Bool { lk_terminal_begin_frame() == 1 }

  package static func endFrame() { lk_terminal_end_frame() }

  /// Columns and rows; nil where the terminal does not say.
  package static func size(of descriptor: Int32) -> (columns: Int, rows: Int)? {
    var columns: Int32 = 0
    var rows: Int32 = 0
    guard lk_terminal_size(descriptor, &columns, &rows) == 0, columns > 0, rows > 0 else {
      return nil
    }
    return (Int(columns), Int(rows))
  }
}
