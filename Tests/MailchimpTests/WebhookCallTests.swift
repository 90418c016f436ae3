// What Mailchimp says of a webhook, as people read it, and what of it is kept in an execution.

import Basics
import Domain
import HTTP
import Support
import Testing

@testable import Mailchimp

struct WebhookCallTests {
  private func refused(_ message: String) -> MailchimpError {
    let document: JSONValue = [
      "title": "Invalid Resource", "status": 400,
      "detail":
        "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
      "errors": [["field": "url", "message": .string(message)]],
    ]
    return MailchimpError.of(
      .json(400, document, type: "application/problem+json"),
      CallContext(method: "POST", isAboutMember: false))
  }

  @Test func `an address that does not answer is told with the code Mailchimp met`() {
    let error = refused(
      "We couldn't verify the URL is working. Please double check and try again. HTTP Code: 403")
    #expect(error.fault == .person(.webhook(.unreachable(status: "403"))))
    #expect(error.problem.code == "mailchimp.webhook-unreachable")
    #expect(
      error.problem.sentence
        == "Mailchimp did not reach the webhook's address: it met HTTP code 403."
    )
    #expect(error.problem.remedy.contains("webhook.url"))
  }

  @Test func `other refusals of the address have words of their own`() {
    #expect(refused("Invalid URL").problem.code == "mailchimp.webhook-address")
    #expect(
      refused("Sorry, you can't set up multiple WebHooks for one URL").problem.code
        == "mailchimp.webhook-refused")
    #expect(
      refused("We couldn't verify the URL is working.").fault
        == .person(.webhook(.unreachable(status: nil))))
  }

  @Test func `no path of a webhook and no signing secret is kept with an execution`() throws {
    let body = Array(
      #"{"webhooks":[{"id":"1","url":"https://x.example.org/webhook/verysecret","signing_secret":"abc"}]}"#
        .utf8)
    let record = ExchangeRecord(
      at: Instant(milliseconds: 0), method: "GET", path: "/3.0/lists/a/webhooks", status: 200,
      tookMilliseconds: 1, problem: nil, requestBody: body, responseBody: body, secret: Secret("k"))
    for text in [record.requestText(), record.responseText()] {
      let text = try #require(text)
      #expect(text.contains("https://x.example.org/•••"))
      #expect(!text.contains("verysecret") && !text.contains("abc"))
    }
  }
}
