// A login as the Settings pane follows it. What must stay true: steps of a login that was left show
// nothing, and one that was saved all the same, a moment before, is told.

import Basics
import Domain

struct SettingsLogin: Sendable, Equatable {
  private var ticket: Ticket?
  private var step = LoginStep.preparing
  /// The dialog was closed while the answer was already under way.
  private var isLeft = false

  mutating func begin(_ ticket: Ticket, again: Bool) -> [Effect] {
    self = SettingsLogin()
    self.ticket = ticket
    return [again ? .stepLogin(.preparing) : .open(.login(LoginDialog())), .beginLogin(ticket)]
  }

  /// Nil where it is no answer to this login.
  mutating func take(_ step: LoginStep, _ ticket: Ticket, in world: World) -> [Effect]? {
    guard ticket == self.ticket else { return nil }
    self.step = step
    let shown = isLeft ? [] : [Effect.stepLogin(step)]
    switch step {
    case .done(let connection):
      let said = connection.sentences(hasPage: !world.isPractice).joined(separator: " ")
      return shown + [.notice(Notice(.success, said))]
    case .failed where isLeft: return [Self.givenUp]
    default: return shown
    }
  }

  /// The dialog was closed.
  mutating func leave() -> [Effect] {
    isLeft = true
    switch step {
    case .preparing, .waiting:
      ticket = nil
      return [.endLogin, Self.givenUp]
    case .finishing, .done, .failed: return [.endLogin]
    }
  }

  private static let givenUp = Effect.notice(
    Notice(.info, "The login was given up; nothing was saved."))
}
