// What runs by the clock: each schedule with its next and its last run, added, changed, switched on
// and off, run now and removed from here. What must stay true: a schedule that waits for an engine
// or for the end of a pause says so.

import Basics
import Domain
import Screen

struct SchedulesPane: Pane {
  private var book = TicketBook(.schedules)
  private var list = Feed<ScheduleRow>()
  /// Whom the open form changes; nil for a new one.
  private var edited: Schedule?
  private var saving: Ticket?
  /// True where a form waits for that.
  private var isFormOpen = false
  private var removing: Ticket?
  /// What is said when an order without a form was carried out.
  private var said = ""
  /// Whom the open dialog would remove: another row may be selected by the time it is answered.
  private var doomed: Schedule?
  /// What they come to in the days ahead; reckoned when they were read and when a minute is over,
  /// never while it is drawn.
  private var agenda = Agenda([], from: Instant(milliseconds: 0), zone: "UTC")

  // MARK: Events

  mutating func update(_ event: PaneEvent, in world: World) -> [Effect] {
    let height = height(world)
    switch event {
    case .appeared: return list.restart(height: height, &book) { _ in .schedules }
    case .dataChanged: return list.refresh(height: height, &book) { _ in .schedules }
    case .moved(let motion): list.move(motion, height: height)
    case .wheeled(_, let rows): list.scroll(rows, height: height)
    case .clicked(let point, let isDouble):
      if list.select(line: point.y - 2, height: height), isDouble {
        return act(ScheduleAction.edit, in: world)
      }
    case .ticked: reckon(in: world)
    case .acted(let action): return act(action, in: world)
    case .submitted(ScheduleAction.add, let values), .submitted(ScheduleAction.edit, let values):
      return save(values)
    case .answered(let ticket, let answer): return take(answer, ticket, in: world)
    default: break
    }
    return list.refill(height: height, &book) { _ in .schedules }
  }

  private func height(_ world: World) -> Int {
    max(1, world.body.height - ScheduleCalendar.height(in: world.body) - 6)
  }

  private mutating func reckon(in world: World) {
    agenda = Agenda(list.rows.map(\.schedule), from: world.now, zone: world.zone.name)
  }

  private mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    switch answer {
    case .schedules(let rows):
      if list.accept(rows, ticket, height: height(world)) { reckon(in: world) }
    case .done where ticket == saving:
      saving = nil
      let close: [Effect] = isFormOpen ? [.closeForm(formAction)] : []
      return close + [.notice(Notice(.success, said))]
        + list.restart(height: height(world), &book) { _ in .schedules }
    case .done where ticket == removing:
      removing = nil
      return [.notice(Notice(.success, "\(doomed?.title ?? "It"), was removed."))]
        + list.restart(height: height(world), &book) { _ in .schedules }
    case .refused(let problem):
      if ticket == saving {
        saving = nil
        return [isFormOpen ? .refuseForm(formAction, problem) : .notice(Notice(problem))]
      }
      if ticket == removing {
        removing = nil
        return [.notice(Notice(problem))]
      }
      _ = list.accept(problem, ticket)
    default: break
    }
    return list.refill(height: height(world), &book) { _ in .schedules }
  }

  // MARK: Keys

  func bindings(in world: World) -> [KeyBinding] {
    let none =
      list.selected == nil
      ? "No schedule is selected: press \(world.keys[ScheduleAction.add]) to add one." : nil
    let isActive = list.selected?.schedule.terms.isActive ?? true
    let paused =
      world.overview?.engine == .paused
      ? "Everything is paused: press \(world.keys[GlobalKeys.pause]) to enable it." : nil
    return [
      KeyBinding(["a"], "Add", ScheduleAction.add, priority: 50, help: "Add a schedule."),
      KeyBinding(
        ["e"], "Edit", ScheduleAction.edit, priority: 48, whyNot: none,
        help: "Change how often the selected schedule runs, and what it needs."),
      KeyBinding(
        ["Space", "t"], isActive ? "Off" : "On", ScheduleAction.toggle, priority: 46, whyNot: none,
        help: "Switch the selected schedule on or off."),
      KeyBinding(
        ["n"], "Run now", ScheduleAction.run, priority: 44, whyNot: none ?? paused,
        help: "Run the selected schedule now, beside its times."),
      KeyBinding(
        ["Enter"], "Last run", ScheduleAction.last, priority: 42,
        whyNot: none ?? (list.selected?.lastRun == nil ? "It has not run yet." : nil),
        help: "Show the selected schedule's last execution."),
      KeyBinding(
        ["d"], "Remove", ScheduleAction.remove, priority: 35, whyNot: none,
        help: "Remove the selected schedule; asks first."),
    ]
  }

  private mutating func act(_ action: ActionID, in world: World) -> [Effect] {
    switch action {
    case ScheduleAction.add:
      edited = nil
      return openForm(world)
    case ScheduleAction.edit:
      edited = list.selected?.schedule
      return openForm(world)
    case ScheduleAction.toggle:
      guard let schedule = list.selected?.schedule else { return [] }
      edited = schedule
      var terms = schedule.terms
      terms.isActive.toggle()
      said = "\(schedule.title), is \(terms.isActive ? "on" : "off")."
      let ticket = book.next()
      saving = ticket
      isFormOpen = false
      return [.saveSchedule(schedule.id, terms, ticket)]
    case ScheduleAction.run:
      return list.selected.map { [.request(.runSchedule($0.id))] } ?? []
    case ScheduleAction.last:
      return list.selected?.lastRun.map { [.switchPane(.executions, row: $0.id.rawValue)] } ?? []
    case ScheduleAction.remove:
      guard let schedule = list.selected?.schedule else { return [] }
      doomed = schedule
      let ticket = book.next()
      removing = ticket
      let dialog = Dialog(
        title: "Remove schedule \(schedule.id)",
        lines: [
          "\(Wording.capitalised(schedule.terms.title)): it will not run again.",
          "What it ran before stays, in Executions.",
        ], verb: "Remove", orders: [.removeSchedule(schedule.id, ticket)])
      return [.open(.dialog(dialog))]
    default: return []
    }
  }

  // MARK: The form

  private var formAction: ActionID { edited == nil ? ScheduleAction.add : ScheduleAction.edit }

  private func openForm(_ world: World) -> [Effect] {
    [.open(.form(ScheduleForm.layer(formAction, of: edited, in: world)))]
  }

  private mutating func save(_ values: FormValues) -> [Effect] {
    do throws(Problem) {
      let terms = try ScheduleForm.terms(values, type: edited?.terms.type)
      said = "\(Wording.capitalised(terms.title)): \(edited == nil ? "added" : "changed")."
      let ticket = book.next()
      saving = ticket
      isFormOpen = true
      return [.saveSchedule(edited?.id, terms, ticket)]
    } catch {
      return [.refuseForm(formAction, error)]
    }
  }

  /// What "in 3 min" says changes with time alone.
  func wakeAt(in world: World) -> Instant? {
    let minute = world.now.milliseconds / 60_000 + 1
    return list.rows.contains { $0.schedule.nextRunAt != nil }
      ? Instant(milliseconds: minute * 60_000) : nil
  }

  func copies(in world: World) -> [CopyItem] {
    list.isEmpty || list.isLoading
      ? [] : [CopyItem("The schedules", plainLines(in: world).joined(separator: "\n"))]
  }

  // MARK: The picture

  private static let columns = [
    TableColumn("On", minimum: 5, priority: 8),
    TableColumn("Type", minimum: 21, ideal: 22, priority: 10),
    TableColumn("How often", minimum: 14, ideal: 20, weight: 1, priority: 9),
    TableColumn("Next run", minimum: 18, ideal: 26, weight: 1, priority: 9),
    TableColumn("Last run", minimum: 13, ideal: 23, weight: 1, priority: 7),
    TableColumn("Zone", minimum: 10, ideal: 16, weight: 1, priority: 4),
  ]

  /// Below this width a line says it in fewer words, so that none is cut.
  private static let roomy = 96

  private func cells(_ row: ScheduleRow, _ world: World, isBrief: Bool) -> [Run] {
    let glyphs = world.capabilities.glyphs
    let terms = row.schedule.terms
    let last =
      row.lastRun.map { run in
        let status = isBrief ? "" : "\(run.status.rawValue) "
        return Run(
          "\(Wording.sign(run.status, glyphs)) \(status)"
            + Wording.clock(row.schedule.lastRunAt ?? run.queuedAt, in: world),
          Wording.role(run.status))
      } ?? Run(row.schedule.lastRunAt.map { Wording.clock($0, in: world) } ?? "never", .dim)
    return [
      terms.isActive ? Run("\(glyphs.success) on", .success) : Run("\(glyphs.waiting) off", .dim),
      Run("\(row.id) \(terms.type.rawValue)", terms.isActive ? .strong : .dim),
      Run(isBrief ? Self.brief(terms.cadence) : "\(terms.cadence)"),
      next(row.schedule, world), last, Run(terms.zone ?? world.zone.name, .dim),
    ]
  }

  /// `every 90 min`, `Mon, Thu 02:30`
  private static func brief(_ cadence: Cadence) -> String {
    switch cadence {
    case .minutes(let count) where count > 1: "every \(count) min"
    case .hours(let count) where count > 1: "every \(count) h"
    case .weekly(let days, let time):
      "\(days.sorted().map(\.short).joined(separator: ", ")) \(time)"
    case .minutes, .hours, .daily: "\(cadence)"
    }
  }

  /// `02:30 (12 h 48 min)`, or why a run that is due does not begin.
  private func next(_ schedule: Schedule, _ world: World) -> Run {
    guard let at = schedule.nextRunAt else { return Run("not active", .dim) }
    guard at > world.now else {
      switch world.overview?.engine {
      case .some(.none): return Run("due, but no engine", .warning)
      case .paused: return Run("due, all is paused", .warning)
      default: return Run("due now", .info)
      }
    }
    let seconds = (at.milliseconds - world.now.milliseconds) / 1000
    return Run("\(Wording.clock(at, in: world)) (\(Self.roughly(seconds)))")
  }

  /// `9 s`, `4 min`, `2 h 5 min`, `12 h`, `3 days`
  private static func roughly(_ seconds: Int64) -> String {
    switch seconds {
    case ..<36_000: Wording.about(seconds)
    case ..<172_800: "\((seconds + 1800) / 3600) h"
    default: "\((seconds + 43_200) / 86_400) days"
    }
  }

  private static func empty(_ world: World) -> [String] {
    [
      "Nothing runs by the clock yet.",
      "Press \(world.keys[ScheduleAction.add]) to add a schedule, such as a resync daily at 02:30.",
    ]
  }

  func draw(on canvas: inout Canvas, in world: World) {
    var room = canvas.bounds
    let week = room.cutBottom(ScheduleCalendar.height(in: world.body))
    canvas.inside(room) { canvas in
      list.draw(
        Self.columns, title: "Schedules", height: height(world), foot: footLines(world),
        footHeight: 3, on: &canvas, empty: Self.empty(world)
      ) { cells($0, world, isBrief: world.size.width < Self.roomy) }
    }
    if week.height > 0 { calendar(world).draw(on: &canvas, week) }
  }

  private func calendar(_ world: World) -> ScheduleCalendar {
    ScheduleCalendar(agenda, selected: list.selected?.id, world)
  }

  /// More about the selected one, and who runs them.
  private func footLines(_ world: World) -> [[Run]] {
    var lines: [[Run]] = []
    if let row = list.selected {
      let details = [row.schedule.terms.particulars, row.schedule.terms.zone ?? ""]
        .filter { !$0.isEmpty }.joined(separator: ", ")
      lines.append([
        Run(row.schedule.title, .strong), Run(details.isEmpty ? "" : ", \(details)"),
      ])
      if let run = row.lastRun {
        let glyphs = world.capabilities.glyphs
        let what = run.problem?.description ?? Wording.outcome(run)
        lines.append(
          [Run("Last run: ", .label)] + Wording.runs(run.status, glyphs)
            + [Run(" \(run.id): \(what)")])
      } else {
        lines.append([Run("It has not run yet.", .dim)])
      }
    }
    lines.append([remark(world)])
    return lines
  }

  private func remark(_ world: World) -> Run {
    switch world.overview?.engine {
    case .some(.none):
      Run(
        "No engine runs: nothing runs by the clock until one does ("
          + "\(world.keys[.overview]), then \(world.keys[OverviewAction.start])).", .warning)
    case .paused:
      Run(
        "Everything is paused: what comes due runs once after \(world.keys[GlobalKeys.pause]) enables it.",
        .warning)
    default:
      Run("What comes due while no engine runs happens once when one starts.", .dim)
    }
  }

  func plainLines(in world: World) -> [String] {
    let rows = list.plain(Self.columns, empty: Self.empty(world).joined(separator: " ")) {
      cells($0, world, isBrief: false)
    }
    guard !agenda.isEmpty else { return rows }
    return rows + ["", "The week ahead, \(world.zone.name)"]
      + calendar(world).lines(width: 200).map { $0.map(\.text).joined().trimmedAtEnd }
  }
}

enum ScheduleAction {
  static let add: ActionID = "schedules.add"
  static let edit: ActionID = "schedules.edit"
  static let toggle: ActionID = "schedules.toggle"
  static let run: ActionID = "schedules.run"
  static let last: ActionID = "schedules.last"
  static let remove: ActionID = "schedules.remove"
}
