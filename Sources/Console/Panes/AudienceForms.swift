// What the Audience pane changes at Mailchimp: a new audience as a form, the questions before a switch
// and before the end of the connection, and what is said when it is done. What must stay true: every
// question names what follows from yes.

import Basics
import Domain
import Screen

/// What the pane ordered and waits for.
struct AudienceOrder: Sendable, Equatable {
  enum Kind: Sendable, Equatable { case choose, create, doubleOptIn, disconnect }

  var ticket: Ticket
  var kind: Kind
}

enum AudienceForms {
  typealias Field = AudienceDraft.Field

  /// The fields of an audience, with a star where Mailchimp makes none without it.
  static func create() -> FormLayer {
    let fields = Field.allCases.map { field in
      Form.Field(
        field.rawValue, field.label, field.isToggle ? .toggle : .text, value: initial(field),
        required: field.isRequired, help: help(field))
    }
    return FormLayer(
      AudienceAction.create, title: "Create an audience", form: Form(fields), check: .audience,
      verb: "Create")
  }

  private static func initial(_ field: Field) -> String {
    if field.isToggle { return "false" }
    return field == .language ? "en" : ""
  }

  /// A switch has no words to type.
  private static func help(_ field: Field) -> String {
    switch field {
    case .formatChoice: "On lets people choose between HTML and plain text when they sign up."
    case .doubleOptIn: "On asks everybody who joins to confirm by mail."
    default: field.help
    }
  }

  static func doubleOptIn(_ audience: Audience, orders: [Effect]) -> Dialog {
    let isOn = !audience.doubleOptIn
    let lines =
      isOn
      ? [
        "Whoever joins \(audience.name) from now on is asked by mail and is pending until they"
          + " confirm: on Mailchimp's forms, and when Listkeeper adds them.",
        "Who is a member already stays one: \(Wording.count(audience.members, "member", "members")).",
      ]
      : [
        "Whoever joins \(audience.name) from now on is a member at once, without a mail that asks:"
          + " on Mailchimp's forms, and when Listkeeper adds them.",
        "Who is pending now stays so until they confirm.",
      ]
    return Dialog(
      title: "Double opt-in \(isOn ? "on" : "off")", lines: lines,
      verb: isOn ? "Switch it on" : "Switch it off", orders: orders,
      action: AudienceAction.doubleOptIn)
  }

  static func disconnect(orders: [Effect]) -> Dialog {
    Dialog(
      title: "Disconnect from Mailchimp",
      lines: [
        "Our webhook is deleted at Mailchimp, and the key or the login is forgotten: nothing is"
          + " sent or taken any more.",
        "People, links and the consent ledger are kept. Nobody is removed from the audience.",
        "To connect again, set a key in Settings or log in there.",
      ], verb: "Disconnect", orders: orders,
      action: AudienceAction.disconnect)
  }

  /// Where each fact is changed, below the details; a practice audience has no such pages.
  static func ways(of audience: Audience, width: Int) -> [[Run]] {
    let ways = AudienceFacts.ways(of: audience).flatMap { what, way in
      [[], [Run(what, .label)]] + Fold.text([way], to: width)
    }
    return [[], [Run("Changed at Mailchimp", .heading)]] + ways.dropFirst()
  }
}
