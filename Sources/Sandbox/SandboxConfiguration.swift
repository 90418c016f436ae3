// How a practice Mailchimp is set up. Nothing in it is secret: the key only opens the practice.

import Basics

package struct SandboxConfiguration: Sendable {
  /// The data centre; the key must end in it.
  package var dataCentre = "us19"
  package var key = "0123456789abcdef0123456789abcdef-us19"
  /// Accepted like the key, as an OAuth token.
  package var token = "practice-oauth-token"
  /// The application that may ask for tokens.
  package var clientID = "100000000001"
  package var clientSecret = "practice-client-secret"
  /// Where the browser is led back to; any address when nil.
  package var redirectURI: String?
  package var role = "owner"
  package var audienceName = "Practice audience"
  package var maxAudiences = 5
  /// How long a batch stays in each of its four stages before it is finished.
  package var batchStage: Duration = .seconds(1)
  /// By how much the `last_changed` of a write lies before its answer: 0 to 4 seconds were seen.
  package var changeLag: Duration = .zero
  /// Simultaneous requests a key may have; one more is answered 429.
  package var maxConnections = 10

  /// Where the server listens; port 0 lets the system choose.
  package var address = "127.0.0.1"
  package var port: UInt16 = 0
  /// How long each answer takes, on the machine's own clock.
  package var latency: Duration = .zero
  package var faults = SandboxFaults()
  /// A file to which each exchange is appended as one line of JSON.
  package var recordPath: String?
  /// Sample people in the first audience, the same ones for the same seed.
  package var people = 0
  package var seed: UInt64 = 1

  /// Opens the people platform below `/platform`, as a Bearer key.
  package var platformKey = "practice-platform-key"
  /// Sample people on that platform.
  package var platformPeople = 0

  /// Whether deliveries to webhooks are signed, and a webhook's creation gives the secret.
  package var signsWebhooks = true
  /// False where it signs and its creation keeps the secret to itself.
  package var tellsWebhookSecret = true
  /// How long after a delivery failed it is tried again, each time; about 75 minutes together.
  package var webhookRetries: [Duration] = [1, 2, 4, 8, 15, 20, 25].map { .minutes($0) }

  package init() {}
}
