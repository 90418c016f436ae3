// A secret that lies elsewhere: `env:NAME`, `file:PATH`, `command:COMMAND`. A problem names the
// reference and never what it led to; what a command says on its error output goes nowhere, because
// it would land on the console's screen.

import Basics
import Glibc

package enum SecretReference {
  /// The longest secret that is read.
  private static let limit = 16 * 1024
  /// For a command to say it.
  private static let commandTime = Duration.seconds(60)

  /// The secret itself: what the reference leads to, or the text as it is when it is none. Blanks
  /// and line ends around it are dropped. A command may take its time: call this where you may wait.
  package static func resolve(_ secret: Secret) throws(Problem) -> Secret {
    let text = secret.reveal()
    let found: String
    if let name = argument(of: text, "env:") {
      guard let value = getenv(name) else {
        throw Problem(
          "secret.no-variable", "The environment has no variable \(name).",
          remedy: "Set it before starting Listkeeper, or give the key another way.")
      }
      found = String(cString: value)
    } else if let path = argument(of: text, "file:") {
      found = try contents(of: path)
    } else if let command = argument(of: text, "command:") {
      found = try output(of: command)
    } else {
      return secret
    }
    let value = Text.oneLine(found)
    guard !value.isEmpty else {
      throw Problem(
        "secret.empty", "What \(text) leads to is empty.",
        remedy: "Put the key there, or give it another way.")
    }
    return Secret(value)
  }

  /// True when the text only says where the secret is, so that it may be shown.
  package static func isReference(_ secret: Secret) -> Bool {
    ["env:", "file:", "command:"].contains { argument(of: secret.reveal(), $0) != nil }
  }

  private static func argument(of text: String, _ prefix: String) -> String? {
    text.hasPrefix(prefix) && text.utf8.count > prefix.utf8.count
      ? Text.oneLine(text.dropFirst(prefix.count)) : nil
  }

  private static func contents(of path: String) throws(Problem) -> String {
    let path =
      path.hasPrefix("~/")
      ? (getenv("HOME").map { String(cString: $0) } ?? "~") + path.dropFirst()
      : path
    guard let file = fopen(path, "re") else {
      throw Problem(
        "secret.no-file", "The file \(path) with the key cannot be read.",
        remedy: "Correct the path or the file's rights.", cause: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    return read(file)
  }

  /// In a session of its own: it can ask nobody, because the terminal belongs to the console.
  private static func output(of command: String) throws(Problem) -> String {
    var bytes: [UInt8] = []
    let ended = try ShellCommand(text: command, limit: commandTime).run {
      bytes += $0.prefix(limit - bytes.count)
    }
    if ended.isOverTime {
      throw Problem(
        "secret.command-too-slow",
        "The command for the key took longer than \(commandTime.components.seconds) seconds and was "
          + "ended: \(command).",
        remedy: "Run it in a shell to see why; it cannot ask for a password here.")
    }
    guard ended.code == 0 else {
      throw Problem(
        "secret.command-refused", "The command for the key did not succeed: \(command).",
        remedy: "Run it in a shell to see why.", fields: ["status": String(ended.code)])
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func read(_ file: UnsafeMutablePointer<FILE>) -> String {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = fread(&bytes, 1, limit, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
