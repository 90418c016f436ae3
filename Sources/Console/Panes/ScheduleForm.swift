// A schedule as a form: its fields, what is wrong with each as it is typed, and when it would run.
// What must stay true: what is said to come next is what the engine would reckon.

import Basics
import Domain
import Screen

enum ScheduleForm {
  static func layer(_ action: ActionID, of schedule: Schedule?, in world: World) -> FormLayer {
    let terms = schedule?.terms
    let types = ScheduleType.allCases.map { Form.Choice($0.rawValue) }
    let type: Form.Field =
      terms.map { Form.Field("type", "Type", .label, value: $0.type.rawValue) }
      ?? Form.Field(
        "type", "Type", .choice(types), value: ScheduleType.syncSubscriptions.rawValue,
        help: "What runs: a sync of what changed, of everyone, or something else.")
    let form = Form([
      type,
      Form.Field(
        "cadence", "How often", value: terms.map { "\($0.cadence)" } ?? "daily at 02:30",
        required: true, help: "Such as: \(Cadence.forms.joined(separator: "; "))."),
      Form.Field(
        "zone", "Time zone", value: terms?.zone ?? "", help: "Such as Europe/Paris.",
        placeholder: "the workspace's: \(world.zone.name)"),
      Form.Field(
        "active", "Active", .toggle, value: terms?.isActive ?? true ? "true" : "false",
        help: "Off: it does not run."),
      Form.Field("verification", "For a verification", .heading),
      Form.Field(
        "sample", "Sample", .number, value: terms?.sample.map(String.init) ?? "",
        help: "So many people at random.", placeholder: "everyone"),
      Form.Field("backup", "For a backup", .heading),
      Form.Field(
        "folder", "Folder", value: terms?.folder ?? "",
        help: "Where the files go, as a whole path."),
      Form.Field(
        "keeps", "Keep", .number, value: "\(terms?.keeps ?? 7)",
        help: "How many files stay; older ones are removed."),
    ])
    let title = schedule.map { "Change schedule \($0.id)" } ?? "Add a schedule"
    return FormLayer(
      action, title: title, form: form, check: .schedule(since: schedule?.since, world.now))
  }

  /// `type`: of the one that is changed.
  static func terms(_ values: FormValues, type: ScheduleType?) throws(Problem) -> ScheduleTerms {
    let type = type ?? ScheduleType(rawValue: values["type"] ?? "")
    var terms = ScheduleTerms(
      type ?? .syncSubscriptions, try Cadence(values["cadence"] ?? ""))
    let zone = Text.oneLine(values["zone"] ?? "")
    terms.zone = zone.isEmpty ? nil : zone
    terms.isActive = values["active"] == "true"
    terms.sample = Int(values["sample"] ?? "")
    terms.folder = Text.oneLine(values["folder"] ?? "")
    terms.keeps = Int(values["keeps"] ?? "") ?? 0
    if terms.type != .backup { terms.keeps = 7 }
    if terms.type != .verification { terms.sample = nil }
    return terms
  }

  /// What is wrong with one field's text; empty where nothing is.
  static func flaw(_ id: String, _ text: String) -> String {
    if text.isEmpty { return "" }
    do throws(Problem) {
      var terms = ScheduleTerms(id == "folder" ? .backup : .resync, .hours(24))
      switch id {
      case "cadence": terms.cadence = try Cadence(text)
      case "zone": terms.zone = text
      case "sample": terms.sample = Int(text)
      case "folder": terms.folder = text
      default: return ""
      }
      try terms.check()
      return ""
    } catch {
      return error.description
    }
  }

  /// `Runs next on Sun 22 Nov 02:30, Mon 23 Nov 02:30`, on the workspace's clock; empty where it
  /// would not run, or cannot be told.
  static func preview(_ form: Form, since: Instant?, _ now: Instant, in world: World) -> String {
    guard form["active"] == "true", let cadence = try? Cadence(form["cadence"]) else { return "" }
    let name = Text.oneLine(form["zone"])
    guard let zone = CivilZone(name.isEmpty ? world.zone.name : name) else { return "" }
    var times: [String] = []
    var at = now
    for _ in 0..<3 {
      at = cadence.next(after: at, since: since ?? now, in: zone)
      let day = Agenda([], from: at, days: 1, zone: world.zone.name).days.first
      let clock = Wording.time(at, world.zone).dropFirst(11).prefix(5)
      times.append("\(day.map { ScheduleCalendar.name($0) + " " } ?? "")\(clock)")
    }
    return "Runs next: \(times.joined(separator: ", ")) (\(world.zone.name))."
  }
}
