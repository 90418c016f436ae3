// The Marketing API 3.0 as Domain types. One call is one exchange, under the budget, told to the
// observer; nothing is retried here: what to do about an error is the engine's decision. The key is
// in one header of one request and nowhere else.

import Basics
import Domain
import HTTP

/// Where Mailchimp is and how to behave there.
package struct MailchimpConnection: Sendable, Equatable {
  package var key: MailchimpKey
  /// `mailchimp.url`: empty for the key's own data centre.
  package var url: String
  package var callTime: Duration

  package init(key: MailchimpKey, url: String = "", callTime: Duration = .seconds(120)) {
    self.key = key
    self.url = url
    self.callTime = callTime
  }
}

package struct MailchimpClient: Sendable {
  /// One budget for all clients of a key: the limit is the user's, not the connection's.
  package let budget: RequestBudget
  private let base: String
  private let connection: MailchimpConnection
  private let http: HTTPClient
  private let time: any TimeSource
  private var observe: @Sendable (ExchangeRecord) -> Void = { _ in }

  /// Sends nothing yet; refuses a base address that is none.
  package init(
    _ connection: MailchimpConnection, http: HTTPClient, budget: RequestBudget,
    time: any TimeSource = SystemTime()
  ) throws(Problem) {
    base = try connection.key.baseAddress(override: connection.url)
    self.connection = connection
    self.http = http
    self.budget = budget
    self.time = time
  }

  /// The same client, telling each exchange to `observer` as it ends, failed ones too. The
  /// observer is called from any task and must return at once.
  package func observed(by observer: @escaping @Sendable (ExchangeRecord) -> Void) -> Self {
    var copy = self
    copy.observe = observer
    return copy
  }

  /// Such as `us19`.
  var dataCentre: String { connection.key.dataCentre }

  // MARK: One call

  /// An answer with status 2xx and its JSON.
  struct Answer: Sendable {
    let status: Int
    let json: JSONValue
    /// Mailchimp's clock.
    let serverTime: Instant?
  }

  /// Path pieces are escaped here; the first is behind `/3.0/`. What the answer has under the names
  /// in `leavingOut` is not read: a call that cannot be given `fields` repeats whole members.
  func call(
    _ method: String, _ path: [String], query: [FormField] = [], body: JSONValue? = nil,
    isAboutMember: Bool = false, leavingOut unwanted: Set<String> = []
  ) async throws(MailchimpError) -> Answer {
    let context = CallContext(method: method, isAboutMember: isAboutMember)
    var target = "/3.0/" + path.map { FormEncoding.encode($0) }.joined(separator: "/")
    if !query.isEmpty { target += "?" + FormEncoding.encode(query) }
    var headers: HTTPHeaders = [
      "Authorization": connection.key.authorization, "Accept": "application/json",
    ]
    let bytes = body?.serialized() ?? []
    if body != nil { headers.add("Content-Type", "application/json") }
    let request = HTTPClientRequest(
      method, base + target, headers: headers, body: bytes, totalTime: connection.callTime)
    let outcome: Result<Answer, MailchimpError>
    do {
      outcome = try await budget.run {
        await exchange(request, target, context, leavingOut: unwanted)
      } verdict: { result in
        switch result {
        case .success: .fine
        case .failure(let error): error.fault.verdict
        }
      }
    } catch {
      throw MailchimpError(
        Problem("http.cancelled", "The call to Mailchimp was cancelled.", fields: ["sent": "no"]),
        .cancelled)
    }
    return try outcome.get()
  }

  private func exchange(
    _ request: HTTPClientRequest, _ target: String, _ context: CallContext,
    leavingOut unwanted: Set<String>
  ) async -> Result<Answer, MailchimpError> {
    let begun = time.now()
    let clock = ContinuousClock.now
    let response: HTTPResponse?
    let outcome: Result<Answer, MailchimpError>
    do throws(Problem) {
      let answer = try await http.send(request)
      response = answer
      outcome = Self.read(answer, context, leavingOut: unwanted)
    } catch {
      response = nil
      outcome = .failure(MailchimpError.of(error, context))
    }
    let problem: Problem? = if case .failure(let error) = outcome { error.problem } else { nil }
    observe(
      ExchangeRecord(
        at: begun, method: request.method, path: target, status: response?.status,
        tookMilliseconds: (ContinuousClock.now - clock).wholeMilliseconds, problem: problem,
        requestBody: request.body, responseBody: response?.body ?? [],
        secret: connection.key.secret))
    return outcome
  }

  private static func read(
    _ response: HTTPResponse, _ context: CallContext, leavingOut unwanted: Set<String>
  ) -> Result<Answer, MailchimpError> {
    guard (200..<300).contains(response.status) else {
      return .failure(MailchimpError.of(response, context))
    }
    let clock = response.headers["Date"].flatMap(HTTPDate.read)
    if response.status == 204 || (response.body.isEmpty && context.method == "DELETE") {
      return .success(Answer(status: response.status, json: .null, serverTime: clock))
    }
    do throws(Problem) {
      let json = try JSONValue.parse(response.body, leavingOut: unwanted)
      guard json.object != nil else {
        return .failure(.unreadable("it is no object.", context, status: response.status))
      }
      return .success(Answer(status: response.status, json: json, serverTime: clock))
    } catch {
      return .failure(.unreadable(error.sentence, context, status: response.status))
    }
  }

  /// Every page of a collection, until all are there or a page is empty.
  func allPages(
    _ path: [String], of name: String, fields: [String], query: [FormField] = []
  ) async throws(MailchimpError) -> (items: [JSONValue], last: JSONValue) {
    var items: [JSONValue] = []
    let context = CallContext(method: "GET", isAboutMember: false)
    // Audiences and their fields are few; more pages than this is an answer that never ends.
    for _ in 0..<100 {
      let answer = try await call(
        "GET", path,
        query: [
          FormField("fields", fields.joined(separator: ",")), FormField("count", "1000"),
          FormField("offset", String(items.count)),
        ] + query)
      guard let page = answer.json[name]?.array else {
        throw .unreadable("'\(name)' is missing.", context, status: answer.status)
      }
      items += page
      if page.isEmpty || items.count >= answer.json["total_items"].wholeNumber {
        return (items, answer.json)
      }
    }
    throw .unreadable("'\(name)' does not end.", context, status: 200)
  }
}

extension Fault {
  fileprivate var verdict: BudgetState.Verdict {
    switch self {
    case .transient(.tooManyRequests, _), .transient(.throttled, _): .toldOff
    case .person: .fine
    case .transient, .everyone, .cancelled: .neutral
    }
  }
}
