// What is asked about a tag, in Tags and in Review alike: the dialogs and the form that answer it, and
// the questions that wait as a part of Review.

import Basics
import Domain
import Screen

enum TagQuestionText {
  /// What the administrator is asked before it is done.
  static func adopt(_ row: SavedSearchRow, _ ticket: Ticket) -> Dialog {
    let orders = [Effect.editSearch(.adopt(row.name), ticket)]
    if case .renamed(let name)? = row.question {
      return Dialog(
        title: "Adopt the name \(name)",
        lines: [
          "The tag of '\(row.name)' is called '\(name)' here too. Nobody gains or loses it."
        ], verb: "Adopt", orders: orders)
    }
    return Dialog(
      title: "Adopt the tag \(row.tag)",
      lines: [
        "Others made this tag. Those who hold it and are in the search become ours: they lose it"
          + " when they leave the search.",
        "Those who hold it and are not in the search keep it.",
      ], verb: "Adopt", orders: orders)
  }

  static func nameBack(_ row: SavedSearchRow, _ ticket: Ticket) -> Dialog {
    Dialog(
      title: "Rename the tag back",
      lines: [
        "'\(row.nameThere ?? "")' is called '\(row.tag)' at Mailchimp again."
          + " Nobody gains or loses it."
      ], verb: "Rename", orders: [.editSearch(.nameTagBack(row.name), ticket)])
  }

  static func rename(_ action: ActionID, _ row: SavedSearchRow) -> FormLayer {
    let form = Form([
      Form.Field(
        "tag", "Tag", value: row.tag, required: true,
        help: "Its name at Mailchimp. Those we gave the old one get the new one instead.")
    ])
    return FormLayer(action, title: "The tag of \(row.name)", form: form)
  }

  /// Why a key does nothing for this row; nil where it does.
  static func whyNotAdopt(_ row: SavedSearchRow?) -> String? {
    row?.question == nil ? "Nothing is to be decided about the selected search." : nil
  }

  static func whyNotNameBack(_ row: SavedSearchRow?) -> String? {
    if case .renamed? = row?.question { return nil }
    return "The tag of the selected search has its name at Mailchimp."
  }
}

/// The tags whose name is in question, as a part of Review.
struct ReviewTags: Sendable, Equatable {
  var loaded = Loaded<[SavedSearchRow]>()
  var rows = Feed<SavedSearchRow>()
  private var changing: (ticket: Ticket, action: ActionID)?
  /// The search whose tag the open form renames.
  private var renamed: String?

  static func == (a: Self, b: Self) -> Bool {
    (a.loaded, a.rows, a.renamed) == (b.loaded, b.rows, b.renamed)
      && a.changing?.ticket == b.changing?.ticket
      && a.changing?.action == b.changing?.action
  }

  var item: ReviewItem? {
    guard let rows = loaded.value, !rows.isEmpty else { return nil }
    return .tags(rows.count, rows.compactMap(\.askedAt).min())
  }

  // MARK: Deciding

  /// The dialog or form for the selected one.
  mutating func ask(_ action: ActionID, _ book: inout TicketBook) -> [Effect] {
    guard let row = rows.selected else { return [] }
    if action == ReviewAction.callOtherwise {
      renamed = row.name
      return [.open(.form(TagQuestionText.rename(action, row)))]
    }
    let ticket = book.next()
    changing = (ticket, action)
    let isAdopted = action == ReviewAction.adopt
    return [
      .open(
        .dialog(
          isAdopted ? TagQuestionText.adopt(row, ticket) : TagQuestionText.nameBack(row, ticket)))
    ]
  }

  /// The form of `callOtherwise` was submitted.
  mutating func rename(to name: String, _ book: inout TicketBook) -> [Effect] {
    guard let renamed else { return [] }
    let ticket = book.next()
    changing = (ticket, ReviewAction.callOtherwise)
    return [.editSearch(.renameTag(renamed, to: name), ticket)]
  }

  /// What came of a decision; nil where the answer is to something else.
  mutating func take(
    _ answer: Answer, _ ticket: Ticket, _ book: inout TicketBook
  ) -> [Effect]? {
    guard let (asked, action) = changing, asked == ticket else { return nil }
    changing = nil
    switch answer {
    case .refused(let problem):
      return action == ReviewAction.callOtherwise
        ? [.refuseForm(action, problem)] : [.notice(Notice(problem))]
    default:
      return [.closeForm(action), .notice(Notice(.success, "The tag was decided."))]
        + loaded.ask(.tagQuestions, &book)
    }
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("Tag", minimum: 12, ideal: 22, weight: 1, priority: 10),
    TableColumn("Search", minimum: 12, ideal: 20, weight: 1, priority: 6),
    TableColumn("Have it", minimum: 7, priority: 5, align: .right),
    TableColumn("At Mailchimp", minimum: 20, ideal: 40, weight: 2, priority: 9),
    TableColumn("Keys", minimum: 8, priority: 8),
  ]

  private static func cells(_ row: SavedSearchRow, _ names: UserKeys) -> [Run] {
    func both(_ other: ActionID) -> String {
      "\(names[ReviewAction.adopt]), \(names[other])"
    }
    var (said, keys) = ("made by others", both(ReviewAction.callOtherwise))
    if case .renamed(let name)? = row.question {
      (said, keys) = ("renamed to '\(name)'", both(ReviewAction.nameBack))
    }
    return [
      Run(row.tag, .strong), Run(row.name), Run(Wording.number(row.placed), .dim),
      Run(said, .warning), Run(keys, .dim),
    ]
  }

  func draw(
    on canvas: inout Canvas, _ frame: Rect, focused: Bool, _ world: World, _ split: Split
  ) {
    rows.draw(
      Self.columns, title: "Tags to decide", in: frame, on: &canvas,
      height: split.detailHeight(world), focused: focused, empty: ["No tag waits."]
    ) { Self.cells($0, world.keys) }
  }
}
