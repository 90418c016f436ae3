// What a custom field of a type can hold: checked where it is typed and again where it is written.

import Basics

extension CustomField {
  /// The value in its one spelling; one that the field's type cannot hold is refused, saying what
  /// it can.
  package func stored(_ value: String) throws(Problem) -> String {
    switch type {
    case .text, .address: return value
    case .number: if Double(plain: value) != nil { return value }
    case .yesNo:
      switch value.lowercased() {
      case "yes", "true", "1": return "yes"
      case "no", "false", "0": return "no"
      default: break
      }
    case .date: if let date = CivilDate(value) { return date.description }
    case .birthday: if let day = MonthDay(value) { return day.description }
    case .choice:
      if choices.isEmpty { return value }
      if let choice = choices.first(where: { $0.lowercased() == value.lowercased() }) {
        return choice
      }
    }
    let wanted =
      switch type {
      case .number: "a number"
      case .yesNo: "yes or no"
      case .date: "a date, such as 1985-12-10"
      case .birthday: "month and day, such as 12/10"
      case .choice: "one of: \(choices.joined(separator: ", "))"
      case .text, .address: "a text"
      }
    throw Problem(
      "fields.does-not-fit", "'\(value.prefix(60))' does not fit the custom field '\(name)'.",
      remedy: "Give \(wanted).", fields: ["field": name])
  }
}
