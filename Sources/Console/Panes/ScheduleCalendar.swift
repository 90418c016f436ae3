// The week ahead below the schedules: a column for each day where there is room, else a line for
// each. What must stay true: nothing is left out without a word; what does not fit is counted.

import Basics
import Domain
import Screen

struct ScheduleCalendar {
  private let agenda: Agenda
  private let selected: ScheduleID?
  private let world: World

  init(_ agenda: Agenda, selected: ScheduleID?, _ world: World) {
    self.agenda = agenda
    self.selected = selected
    self.world = world
  }

  /// From this width on a day is a column.
  private static let wide = 112

  /// Rows it takes of a body, its frame among them; 0 where the list needs them all.
  static func height(in body: Size) -> Int {
    if body.height < 18 { return 0 }
    return body.width < wide ? 9 : max(9, body.height / 2)
  }

  func draw(on canvas: inout Canvas, _ frame: Rect) {
    let zone = world.zone.name
    let room = canvas.box(frame, title: "The week ahead", note: zone)
    canvas.inside(room.inset(1, 0)) { canvas in
      if agenda.isEmpty {
        canvas.text("Nothing runs by the clock: no schedule is on.", 0, 0, .dim)
      } else if frame.width < Self.wide {
        for (y, line) in lines(width: canvas.width).prefix(canvas.height).enumerated() {
          canvas.line(line, 0, y, width: canvas.width)
        }
      } else {
        drawColumns(on: &canvas)
      }
    }
  }

  // MARK: A column for each day

  private func drawColumns(on canvas: inout Canvas) {
    let columns = canvas.bounds.columns(agenda.days.map { _ in .rest }, gap: 1)
    for (index, day) in agenda.days.enumerated() {
      if index > 0 { canvas.verticalLine(columns[index].x - 1, 0, canvas.height) }
      canvas.inside(columns[index]) { canvas in
        canvas.line(heading(day, isToday: index == 0), 0, 0, width: canvas.width)
        let room = max(0, canvas.height - 1)
        let shown = day.entries.count > room ? max(0, room - 1) : day.entries.count
        for (y, entry) in day.entries.prefix(shown).enumerated() {
          canvas.line([time(entry), Run(" "), what(entry)], 0, y + 1, width: canvas.width)
        }
        if day.entries.isEmpty { canvas.text("nothing", 0, 1, .dim) }
        let more = day.entries.count - shown
        if more > 0, room > 0 { canvas.text("\(more) more", 0, room, .dim, width: canvas.width) }
      }
    }
  }

  private func heading(_ day: Agenda.Day, isToday: Bool) -> [Run] {
    [Run(Self.name(day), isToday ? .strong : .heading)] + Self.length(day)
  }

  /// `Sat 21 Nov`
  static func name(_ day: Agenda.Day) -> String {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let number = day.date.day < 10 ? " \(day.date.day)" : "\(day.date.day)"
    return "\(day.weekday.short) \(number) \(months[day.date.month - 1])"
  }

  /// Said where the clocks change.
  private static func length(_ day: Agenda.Day) -> [Run] {
    day.hours == 24 ? [] : [Run(" \(day.hours) h", .warning)]
  }

  private func role(_ entry: Agenda.Entry) -> Role { entry.schedule == selected ? .accent : .text }

  private func time(_ entry: Agenda.Entry) -> Run {
    let at = String(Wording.time(entry.at, world.zone).dropFirst(11).prefix(5))
    return Run(entry.count > 1 ? "\(entry.count) times" : at, role(entry))
  }

  private func what(_ entry: Agenda.Entry) -> Run {
    Run("\(entry.schedule) \(entry.type.rawValue)", entry.schedule == selected ? .accent : .dim)
  }

  // MARK: A line for each day

  /// `Sat 21 Nov  16:00 #1  22:00 #1`, with a word about what does not fit.
  func lines(width: Int) -> [[Run]] {
    agenda.days.enumerated().map { index, day in
      var line = heading(day, isToday: index == 0)
      line.append(Run(String(repeating: " ", count: 18 - line.reduce(0) { $0 + $1.width })))
      var room = width - 18
      for (place, entry) in day.entries.enumerated() {
        let runs = [time(entry), Run(" \(entry.schedule)", role(entry)), Run("  ")]
        let size = runs.reduce(0) { $0 + $1.width }
        let rest = day.entries.count - place
        let tail = rest > 1 ? 9 : 0
        if size - 2 > room - tail {
          line.append(Run("\(rest) more", .dim))
          break
        }
        line += runs
        room -= size
      }
      if day.entries.isEmpty { line.append(Run("nothing", .dim)) }
      return line
    }
  }
}
