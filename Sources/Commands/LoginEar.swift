// Hears the answer of a browser on the redirect address of a login, where that is on this machine.
// What must stay true: whoever asks learns from the page whether it worked, and nothing else.

import Basics
import HTTP
import Mailchimp

final class LoginEar: Sendable {
  private let listener: HTTPListener?

  /// Where it listens, as `127.0.0.1:8078`; nil where the address has to be pasted.
  let place: String?

  /// `hear` is told each answer, on a thread of the listener's.
  init(
    _ login: MailchimpLogin, hear: @escaping @Sendable (Result<Secret, Problem>) -> Void
  ) {
    guard login.redirect.isLoopback, !login.redirect.isSecure else {
      (listener, place) = (nil, nil)
      return
    }
    let path = String(login.redirect.target.prefix { $0 != "?" })
    let host = login.redirect.host == "localhost" ? "127.0.0.1" : login.redirect.host
    let listener = HTTPListener(address: host, port: login.redirect.port) { request, _ in
      guard request.method == "GET", request.path == path else {
        return .response(HTTPResponse(404))
      }
      let result: Result<Secret, Problem>
      do throws(Problem) {
        result = .success(try login.code(in: request.query))
      } catch {
        result = .failure(error)
      }
      hear(result)
      return .response(Self.page(result))
    }
    do throws(Problem) {
      try listener.start()
      self.listener = listener
      place = "\(host):\(login.redirect.port)"
    } catch {
      // Somebody else listens there: the address can still be pasted.
      (self.listener, place) = (nil, nil)
    }
  }

  func close() { listener?.stop() }

  private static func page(_ result: Result<Secret, Problem>) -> HTTPResponse {
    let words =
      switch result {
      case .success: "Listkeeper has its answer. Close this page and go back to the terminal."
      case .failure: "This did not work. The terminal says why."
      }
    let text = """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Listkeeper</title>
      <p>\(words)</p></html>

      """
    let isGood = if case .success = result { true } else { false }
    return HTTPResponse(
      isGood ? 200 : 400,
      headers: [
        "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
      ], body: Array(text.utf8))
  }
}
