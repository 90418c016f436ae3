// Step-by-step help for what must be fetched elsewhere or thought about once: where an API key is
// made, where an audience's id stands, how a webhook reaches us. The console shows a topic beside
// its field, `listkeeper help TOPIC` prints it: one text for both. Menu names at Mailchimp wander,
// so each way through them says its date.

/// A topic of the help.
package struct Guidance: Sendable, Equatable {
  /// The word for `listkeeper help WORD`.
  package let name: String
  package let title: String
  package let paragraphs: [Paragraph]
  /// The settings it stands beside.
  package let settings: [String]

  package enum Paragraph: Sendable, Equatable {
    case text(String)
    /// In their order, numbered when shown.
    case steps([String])
    /// To be typed as they stand.
    case examples([String])
  }

  package static let all: [Guidance] = [
    firstSync, apiKey, login, audience, webhook, consent, search, source, transforms, mouse,
  ]

  /// The one that stands beside a setting.
  package static func beside(setting key: String) -> Guidance? {
    all.first { $0.settings.contains(key) }
  }

  package static func named(_ name: String) -> Guidance? { all.first { $0.name == name } }

  /// As lines before they are wrapped: what stands in the margin, and the text beside it.
  package var lines: [(margin: String, text: String)] {
    var lines: [(margin: String, text: String)] = []
    for paragraph in paragraphs {
      if !lines.isEmpty { lines.append(("", "")) }
      switch paragraph {
      case .text(let text): lines.append(("", text))
      case .steps(let steps): lines += steps.enumerated().map { (" \($0 + 1)  ", $1) }
      case .examples(let examples): lines += examples.map { ("    ", $0) }
      }
    }
    return lines
  }
}

extension Guidance {
  private static let asOf = "(as of November 2026)"

  package static let firstSync = Guidance(
    name: "first-sync", title: "From nothing to the first sync",
    paragraphs: [
      .text(
        "A new workspace opens with its set-up, which goes through most of this; Reconfigure"
          + " opens it again."),
      .steps([
        "Make a workspace: listkeeper init, or with --preset for a usual set-up.",
        "Connect: paste an API key in Settings; it is tried before it is kept.",
        "Choose the audience in Audience; the first one is selected already.",
        "Bring people: listkeeper people import FILE.csv, or name a source in Settings.",
        "Look at the rows in Mapping: which field goes into which.",
        "Force a sync. The audience is read in full first, so that nobody's status is raised by"
          + " accident; then the plan is held for a look in Review.",
        "Look at the plan's rows, and approve it there to apply exactly that plan.",
      ]),
      .text(
        "From then on what changes leaves within a second while an engine runs: this console, or"
          + " listkeeper serve. Nothing was written at Mailchimp before you approved."),
    ], settings: [])

  package static let apiKey = Guidance(
    name: "api-key", title: "Where the API key is",
    paragraphs: [
      .steps([
        "Log in at mailchimp.com as the owner, an admin or a manager of the account.",
        "Click your profile, then Account & billing \(asOf).",
        "Open Extras, then API keys.",
        "Click Create A Key and name it Listkeeper, so that you know later whose it is.",
        "Copy it at once: it is shown only this once. Paste it into the field; a line end that comes"
          + " with it does no harm.",
      ]),
      .text(
        "A key of Listkeeper's own can be revoked without stopping anything else. It ends in a data"
          + " centre such as -us21. Keep it where you keep passwords. Instead of the key the field"
          + " takes a reference, read each time it is needed:"),
      .examples(["env:MAILCHIMP_KEY", "file:/etc/listkeeper/key", "command:pass show mailchimp"]),
    ], settings: [Settings.key.key, Settings.user.key])

  package static let login = Guidance(
    name: "login", title: "Logging in with Mailchimp (OAuth 2)",
    paragraphs: [
      .text("Only where a login is wanted in place of a key; it needs a registered app once."),
      .steps([
        "In Mailchimp: your profile, Extras, Registered apps, Register an app \(asOf).",
        "As its redirect URI give the redirect address of Settings, to the letter.",
        "Put client id and client secret into Settings; the secret is shown only once.",
        "Run listkeeper connect --login, open the address it prints in any browser, and agree.",
        "On the same machine the answer arrives by itself. Over SSH the browser ends on a page that"
          + " cannot be reached: copy that page's whole address and paste it.",
      ]),
      .text(
        "Where the login belongs to no account, create one at Mailchimp first, then disconnect and"
          + " connect again."),
    ],
    settings: [
      Settings.clientID.key, Settings.clientSecret.key, Settings.loginURL.key,
      Settings.redirect.key,
    ])

  package static let audience = Guidance(
    name: "audience-id", title: "Where the audience's id is",
    paragraphs: [
      .text("Pane 3 lists the audiences of the account: none needs to be typed. By hand:"),
      .steps([
        "In Mailchimp: Audience, then All contacts \(asOf).",
        "Choose the audience if there are several.",
        "Open Settings, then Audience name and defaults: the Audience ID is ten letters and digits.",
        "In Audience, Paste an id takes it.",
      ]),
      .text(
        "The number in the address of a Mailchimp page is not the id. Links belong to an audience:"
          + " choosing another keeps the old ones, and its first sync is held for a look."),
    ], settings: [Settings.audience.key])

  package static let webhook = Guidance(
    name: "webhook-setup", title: "Hearing of changes at once",
    paragraphs: [
      .text(
        "Without a webhook Mailchimp is asked every few minutes; with one a sign-up or an opt-out"
          + " arrives within seconds. Mailchimp must reach an address of yours over https."),
      .steps([
        "Let your web server forward the path /webhook/ to where Listkeeper listens"
          + " (127.0.0.1:8077 unless Settings say otherwise), and no other: /metrics and /healthz"
          + " there are for your own monitor.",
        "Put that public address into Settings, Webhook, without ? and #.",
        "The engine makes the webhook itself, looks after it daily, and repairs it. Pane 3, w shows"
          + " it and its deliveries.",
      ]),
      .text(
        "By hand: Audience, Settings, Webhooks, Create New Webhook \(asOf), with the address that"
          + " listkeeper webhook status --reveal shows, the events subscribe, unsubscribe, profile,"
          + " cleaned and upemail, and the sources user and admin, not API."),
      .text("For nginx:"),
      .examples(["location /webhook/ { proxy_pass http://127.0.0.1:8077; }"]),
    ],
    settings: [Settings.webhookURL.key, Settings.webhookListen.key, Settings.webhookPath.key])

  package static let consent = Guidance(
    name: "opt-outs", title: "Who may be mailed",
    paragraphs: [
      .text(
        "Consent belongs to the address. An explicit no bars it everywhere and makes a member"
          + " unsubscribed there; unknown bars only where the scope is opted-in."),
      .text(
        "Whoever unsubscribed at Mailchimp, was cleaned, or was archived or deleted by others, is"
          + " suppressed here and never subscribed again in silence. Ways back: their own sign-up"
          + " by the audience's form; listkeeper consent ask PERSON, which lets Mailchimp ask them to"
          + " confirm; and consent lift PERSON, for one that was archived or deleted by mistake."),
      .text(
        "listkeeper consent list shows every change with its evidence; people explain PERSON says"
          + " which rule decided."),
    ], settings: [Settings.scope.key, Settings.consentBack.key])

  package static let search = Guidance(
    name: "search-language", title: "The search language",
    paragraphs: [
      .text(
        "Terms stand with blanks between them and must all hold; a minus before a term turns it"
          + " round. Commas are alternatives. Text in quotes is taken as it stands."),
      .examples([
        "last:smith account:Guest opt-in:yes", "updated:>2026-01-01 -tag:vip",
        "state:refused,waiting", "email:none", "birthday:this-month \"free text\"",
      ]),
      .text(
        "Fields: \(SearchField.builtIn.map(\.word).joined(separator: ", ")), and custom.NAME. Free"
          + " text looks at name, addresses, company, phone, account and external id."),
      .text("= means exactly, > and < compare numbers and dates, none means without a value."),
    ], settings: [])

  package static let source = Guidance(
    name: "sources", title: "Where people come from",
    paragraphs: [
      .text(
        "The built-in directory is edited here or imported from CSV. Any other source is read by"
          + " listkeeper refresh or by a schedule; a source that answers with nobody, or far fewer"
          + " people than before, changes nothing and waits in Review."),
      .text("A database, through its own tool:"),
      .examples([
        "listkeeper settings set source.kind command",
        "listkeeper settings set source.command \"psql --csv -c 'SELECT … AS external_id, …'\"",
        "listkeeper refresh",
      ]),
      .text(
        "Columns carry the names of a people file: external_id, account, first_name, last_name,"
          + " email, opt_in, active and so on. Each person needs an external_id."),
    ],
    settings: [
      Settings.sourceKind.key, Settings.sourcePath.key, Settings.sourceQuery.key,
      Settings.sourceCommand.key, Settings.sourceURL.key,
    ])

  package static let transforms = Guidance(
    name: "transforms", title: "Changing a value on its way",
    paragraphs: [
      .text("A row of the mapping may carry steps, with commas between, done from left to right:"),
      .examples(Transform.forms),
      .text(
        "What cannot be turned back, such as a join of fields, goes to Mailchimp only. Pane 4 shows"
          + " what comes out, on real people."),
    ], settings: [])

  package static let mouse = Guidance(
    name: "terminal", title: "Terminal, mouse, copying",
    paragraphs: [
      .text(
        "The mouse clicks, scrolls, opens, and drags the line between a list and its detail (so"
          + " do keys); its right button opens the actions. To select text with it hold Shift, or"
          + " give the mouse to the terminal with its key. Copy takes what is selected, through SSH too"
          + " where the terminal allows programs to copy (OSC 52), or to a file; what is too long for"
          + " a clipboard goes to a file by itself."),
      .text(
        "NO_COLOR=1 shows shapes and words only. Lines are drawn with plain characters where locale"
          + " or terminal show no others; console.lines decides. --plain PANE prints a pane as lines,"
          + " for a screen reader or a pipe. In the console the terminal's cursor stands on what the"
          + " keys act on; console.cursor shows it there always."),
      .text(
        "Themes are in the palette of commands; your own lie in ~/.config/listkeeper/themes. Keys of your"
          + " own: a file ~/.config/listkeeper/keys with a line for each action, such as"
          + " sync.force = ^G; listkeeper keys lists the actions and checks the file. Both are read"
          + " again when they are written."),
      .text(
        "Pane, filters, dividers and the mouse are remembered for each workspace. Undo takes the"
          + " last edit back and Redo makes it again. listkeeper --read-only only looks."),
    ], settings: [Settings.theme.key, Settings.lines.key, Settings.cursor.key])
}
