// `connect --login` waits for the answer of a browser, which comes by the listener or is pasted, and
// `disconnect` ends a connection. What must stay true: the first answer counts, and only one that
// carries this login's state is worth anything.

import Basics
import Domain
import Glibc
import Mailchimp
import Storage

enum LoginCommand {
  static func run(_ run: CommandRun) throws(Problem) -> ExitCode {
    try run.withWorkspace { (workspace) throws(Problem) in
      let access = try AccountAccess(workspace)
      let login = try waitFor { () throws(Problem) in try await access.login() }
      let answer = try LoginAnswer(login)
      defer { answer.close() }
      introduce(login, isListening: answer.isListening, run)
      let code = try answer.code(from: run.context)
      let user = run.context.user
      let connection = try waitFor { () throws(Problem) in
        try await access.finish(login, code: code, as: user)
      }
      if run.json {
        var value = ConnectionCommands.json(connection)
        value["done"] = true
        run.output.jsonLine(.object(value))
      } else {
        run.output.lines(connection.sentences())
        run.output.line("Choose the audience: listkeeper audiences list")
      }
    }
    return .done
  }

  private static func introduce(_ login: MailchimpLogin, isListening: Bool, _ run: CommandRun) {
    if run.json {
      run.output.jsonLine(["address": .string(login.address), "listening": .bool(isListening)])
    } else {
      run.output.lines([
        "Open this address in a browser and allow the access:", "", login.address, "",
        isListening
          ? "Waiting for the answer. Where the browser runs on another machine (SSH), paste the"
          : "Then paste the address the browser ended on",
        isListening
          ? "address it ended on and press Enter. Ctrl-C gives up."
          : "and press Enter; that the page does not open does not matter. Ctrl-C gives up.",
        "Without a Mailchimp account, create one there first; then disconnect and connect again.",
      ])
    }
    run.output.flush()
  }

  static let disconnect = CommandGroup(
    Command(
      "disconnect", "End the connection to Mailchimp",
      notes: """
        Deletes our webhook and forgets the key or the login, so that nothing is sent or taken any \
        more. People, links and the consent ledger are kept, and so are the client id and secret of \
        a login. Connect again with `connect --login` or by setting mailchimp.key.
        """,
      shape: #"{"done": true, "webhooks": 1, "trouble": ["…"]}"#
    ) { (run) throws(Problem) in
      try run.withWorkspace { (workspace) throws(Problem) in
        let access = try AccountAccess(workspace)
        let user = run.context.user
        let ended = try waitFor { () throws(Problem) in try await access.disconnect(as: user) }
        run.report([
          "done": true, "webhooks": .int(Int64(ended.webhooks)),
          "trouble": .array(ended.trouble.map { .string($0.description) }),
        ]) { run.output.lines(ended.sentences) }
      }
      return .done
    })
}

/// The code of a login, from whichever comes first: the browser by the listener, or a line of
/// standard input.
private final class LoginAnswer: Sendable {
  private let login: MailchimpLogin
  private let heard = Locked<Result<Secret, Problem>?>(nil)
  private let wakeup: Wakeup
  private let ear: LoginEar

  var isListening: Bool { ear.place != nil }

  init(_ login: MailchimpLogin) throws(Problem) {
    self.login = login
    let (heard, bell) = (heard, try Wakeup())
    wakeup = bell
    ear = LoginEar(login) { result in
      heard.withLock { $0 = $0 ?? result }
      bell.ring()
    }
  }

  func close() { ear.close() }

  func code(from context: CommandContext) throws(Problem) -> Secret {
    try context.stop.listen()
    var line: [UInt8] = []
    var input: Int32? = context.input
    while true {
      if let result = heard.withLock({ $0 }) { return try result.get() }
      if input == nil && !isListening {
        throw Problem(
          "login.no-answer", "The answer of the browser did not come.",
          remedy: "Begin again and paste the address the browser ended on.")
      }
      var set = [
        pollfd(fd: input ?? -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      // A second is how long Ctrl-C may take.
      _ = poll(&set, nfds_t(set.count), 1000)
      if context.stop.isAsked {
        throw Problem("login.given-up", "The login was given up; nothing was saved.")
      }
      guard set[0].revents != 0, let descriptor = input else { continue }
      var byte: UInt8 = 0
      let count = read(descriptor, &byte, 1)
      if count == 1, byte != 0x0A, line.count < 16384 {
        line.append(byte)
        continue
      }
      if count <= 0 { input = nil }
      let text = Text.oneLine(String(decoding: line, as: UTF8.self))
      line = []
      if !text.isEmpty { return try login.code(inAddress: text) }
    }
  }
}
