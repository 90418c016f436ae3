// A login by browser, step by step: the address to open, the answer of the browser, what came of
// it. What must stay true: the address stands without a frame from edge to edge, so that a terminal
// selects it as it is, and nothing of the answer is shown: it holds a code.

import Basics
import Domain
import Screen

/// How far a login is.
package enum LoginStep: Sendable, Equatable {
  case preparing
  /// The problem is that of an answer which was none to this login; it goes on waiting.
  case waiting(LoginInvitation, Problem?)
  /// The answer is there: the code is exchanged, and what it gives is tried.
  case finishing
  case done(NewConnection)
  /// Over; nothing was saved.
  case failed(Problem)
}

package struct LoginInvitation: Sendable, Equatable {
  /// What a browser opens.
  package var address: String
  /// Where the answer arrives by itself, as `127.0.0.1:8078`; nil where it has to be pasted.
  package var listensAt: String?

  package init(address: String, listensAt: String?) {
    self.address = address
    self.listensAt = listensAt
  }
}

package struct LoginDialog: Sendable, Equatable {
  private var step = LoginStep.preparing
  private var field = TextField(masked: true)

  mutating func show(_ step: LoginStep) {
    self.step = step
    if case .waiting = step { return }
    field.set("")
  }
}

extension LoginDialog: LayerContent {
  var layer: Layer { .login(self) }

  var kind: LayerKind? { .login }

  func hints(_ keys: UserKeys) -> [(keys: String, label: String)] {
    switch step {
    case .preparing, .finishing: [("Esc", "Cancel")]
    case .waiting:
      [
        ("Enter", "Take what was pasted"), (keys[LayerAction.copyAddress], "Copy the address"),
        ("Esc", "Cancel"),
      ]
    case .done: [("Enter", "Close")]
    case .failed: [("Enter", "Begin again"), ("Esc", "Close")]
    }
  }

  mutating func press(_ key: Key, in world: World) -> LayerReply {
    if key == "Esc" { return left }
    switch step {
    case .preparing, .finishing: return .stay
    case .done: return key == "Enter" ? left : .stay
    case .failed:
      return key == "Enter"
        ? LayerReply(outcome: .tell(.submitted(SettingsAction.login, [:]))) : .stay
    case .waiting(let invitation, _):
      if key == "^Y" { return LayerReply(outcome: .order([.copy(invitation.address, .clipboard)])) }
      if key == "Enter" {
        guard !Text.oneLine(field.text).isEmpty else { return .stay }
        defer { field.set("") }
        return LayerReply(outcome: .order([.pasteLogin(Secret(field.text))]))
      }
      _ = field.handle(key)
      return .stay
    }
  }

  mutating func paste(_ text: String, in world: World) -> LayerReply {
    if case .waiting = step { _ = field.handle(.pasted(text)) }
    return .stay
  }

  private var left: LayerReply {
    LayerReply(closes: true, outcome: .tell(.cancelled(SettingsAction.login)))
  }

  // MARK: The picture

  func draw(on canvas: inout Canvas, in world: World) {
    canvas.hideCursor()
    canvas.inside(ScreenLayout(world.size).body, on: .popup) { canvas in
      canvas.fill()
      let title = " Log in with Mailchimp "
      canvas.horizontalLine(0, 0, canvas.width)
      canvas.text(title, 2, 0, .title)
      canvas.horizontalLine(0, canvas.height - 1, canvas.width)
      canvas.inside(Rect(0, 2, canvas.width, max(0, canvas.height - 3))) { draw(on: &$0, world) }
    }
  }

  private func draw(on canvas: inout Canvas, _ world: World) {
    let width = canvas.width - 2
    switch step {
    case .preparing: canvas.text("One moment…", 1, 0, .dim)
    case .finishing:
      canvas.text("The answer is here; Mailchimp is asked whose account it is…", 1, 0, .dim)
    case .waiting(let invitation, let problem):
      invite(to: invitation, problem, on: &canvas)
    case .done(let connection):
      var lines = connection.sentences(hasPage: !world.isPractice)
      if world.overview?.audienceID.isEmpty ?? true {
        lines.append("Now choose the audience: press \(world.keys[.audience]).")
      }
      let sign = canvas.glyphs.success
      var y = 0
      for (index, line) in lines.enumerated() {
        for run in Fold.text(
          [index == 0 ? "\(sign) \(line)" : line], to: width, index == 0 ? .success : .text)
        {
          canvas.line(run, 1, y)
          y += 1
        }
        y += 1
      }
    case .failed(let problem):
      let lines =
        Fold.text(["Nothing was saved. \(problem.sentence)"], to: width, .danger)
        + [[]] + Fold.text([problem.remedy], to: width)
      for (y, line) in lines.enumerated() { canvas.line(line, 1, y) }
    }
  }

  private func invite(
    to invitation: LoginInvitation, _ problem: Problem?, on canvas: inout Canvas
  ) {
    let width = canvas.width - 2
    canvas.text("Open this address in a browser and allow the access:", 1, 0, .strong, width: width)
    var y = 2
    for piece in CharacterWidth.wrap(invitation.address, to: canvas.width) {
      canvas.text(piece, 0, y, .text)
      y += 1
    }
    y += 1
    let wait =
      invitation.listensAt.map {
        "Waiting for the answer at \($0). Where the browser runs on another machine (SSH), paste the"
          + " address it ended on; that the page does not open does not matter."
      }
      ?? "Then paste the address the browser ended on; that the page does not open does not matter."
    for line in Fold.text([wait], to: width) {
      canvas.line(line, 1, y)
      y += 1
    }
    field.draw(
      on: &canvas, 1, y, width: width, focused: true,
      placeholder: "The address the browser ended on")
    y += 1
    let said = problem.map { Fold.text([$0.description], to: width, .danger) } ?? []
    let account =
      "Without a Mailchimp account, create one there first; then disconnect and connect again."
    for line in said + [[]] + Fold.text([account], to: width, .dim) {
      canvas.line(line, 1, y)
      y += 1
    }
  }
}
