// What comes back to People: rows, answers to forms and changes, news of a file on its way in. An answer
// counts only where its ticket is the one that waits for it.

import Basics
import Domain
import Screen

extension PeoplePane {
  // MARK: Answers

  mutating func take(_ answer: Answer, _ ticket: Ticket, in world: World) -> [Effect] {
    if let (effects, isOver) = work.take(answer, ticket, world.keys, &book) {
      guard isOver else { return effects }
      marks.clear()
      detail.expire()
      return effects + ask(at: nil, in: world)
    }
    switch answer {
    case .people(let window):
      _ = list.accept(window, ticket, height: split.listHeight(world)) { [goal] in
        $0.id.rawValue == goal
      }
      return []
    case .savedPerson(let id):
      guard ticket == saving else { return [] }
      return finishSaving(id, in: world)
    case .customFields(let fields):
      _ = custom.accept(fields, ticket)
      return custom.refill(.customFields, &book)
    case .searchWords(let known):
      guard words.accept(known, ticket) else { return [] }
      return [.teachPrompt(PeopleAction.search, known)]
    case .searchValues(let beginning, let values):
      guard ticket == valuing, var known = words.value else { return [] }
      valuing = nil
      (known.beginning, known.values) = (beginning, values)
      return [.teachPrompt(PeopleAction.search, known)]
    case .range(let people):
      guard ticket == ranging else { return [] }
      ranging = nil
      marks.endRange()
      marks.add(people)
      return people.isEmpty
        ? [
          .notice(
            Notice(
              .warning,
              "That is too much for a range: \(world.keys[PeopleAction.all]) marks all that are"
                + " shown."))
        ]
        : []
    case .done where ticket == adding:
      adding = nil
      return [
        .closeForm(PeopleAction.addField),
        .notice(Notice(.success, "The custom field was added; \(world.keys[.mapping]) maps it.")),
      ] + custom.refresh(.customFields, &book)
    case .files(let text, let names):
      guard ticket == filing else { return [] }
      let all = names.map { SearchSuggestion(text: $0, label: $0) }
      let isDone = all.count == 1 && all[0].text == text
      return [.offer(ImportAction.open, instead: text, isDone ? [] : all)]
    case .importFile(let file):
      guard ticket == inspecting else { return [] }
      inspecting = nil
      assistant = ImportAssistant(file)
      return []
    case .importNews(let news): return take(news, ticket, in: world)
    case .sideBySide(let both):
      guard ticket == looking else { return [] }
      looking = nil
      return [.open(.reader(SideBySideText.reader(both, world)))]
    case .savedSearches(let rows, _):
      guard ticket == choosing else { return [] }
      choosing = nil
      return [.open(.menu(Self.menu(rows)))]
    case .refused(let problem): return refuse(problem, ticket)
    default:
      detail.take(answer, ticket, world, split)
      return []
    }
  }

  mutating func refuse(_ problem: Problem, _ ticket: Ticket) -> [Effect] {
    switch ticket {
    case looking, choosing, ranging:
      if ticket == looking { looking = nil }
      if ticket == choosing { choosing = nil }
      if ticket == ranging {
        ranging = nil
        marks.endRange()
      }
      return [.notice(Notice(problem))]
    case saving:
      saving = nil
      return [.refuseForm(edited == nil ? PeopleAction.add : PeopleAction.edit, problem)]
    case adding:
      adding = nil
      return [.refuseForm(PeopleAction.addField, problem)]
    case valuing: valuing = nil
    case filing: filing = nil
    case inspecting:
      inspecting = nil
      return [.notice(Notice(problem))]
    case _ where assistant?.refuse(ticket) ?? false: return [.notice(Notice(problem))]
    default:
      if custom.accept(problem, ticket) || words.accept(problem, ticket) { return [] }
      if !list.accept(problem, ticket) { detail.refuse(problem, ticket) }
    }
    return []
  }

  // MARK: Importing

  mutating func openImport() -> [Effect] {
    let prompt = Prompt(
      ImportAction.open, label: "Import the file", text: lastPath,
      help: "CSV with a header line; you see what it would do first")
    return [.open(.prompt(prompt))] + listFiles(lastPath)
  }

  mutating func listFiles(_ text: String) -> [Effect] {
    let ticket = book.next()
    filing = ticket
    return [.listFiles(text, ticket)]
  }

  mutating func take(
    _ news: ImportNews, _ ticket: Ticket, in world: World
  ) -> [Effect] {
    let isOver = assistant?.take(news, ticket)
    if isOver != nil, case .brokenOff(let problem, let done, let total, let hasWay) = news {
      let stays = "\(Wording.number(done)) of \(Wording.number(total)) rows were written and stay"
      let way = hasWay ? ": \(world.keys[GlobalKeys.undo]) takes them back." : "."
      return [.notice(Notice(.error, "\(problem.description) \(stays)\(way)"))]
        + ask(at: .at(0), in: world) + custom.refresh(.customFields, &book)
    }
    guard isOver == true,
      case .imported(let added, let changed, let unchanged, let notices) = news
    else { return [] }
    let name = assistant?.file.name ?? ""
    assistant = nil
    let text =
      "\(name): \(Wording.number(added)) added, \(Wording.number(changed)) changed,"
      + " \(Wording.number(unchanged)) unchanged. \(world.keys[GlobalKeys.undo]) takes it back."
    return notices.map { .notice(Notice(.warning, $0.description)) }
      + [.notice(Notice(.success, text))] + ask(at: .at(0), in: world)
      + custom.refresh(.customFields, &book)
  }

  // MARK: Adding and editing

  /// The selected person. (No reason why not on the key: it would come and go with every row.)
  mutating func edit() -> [Effect] {
    guard let value = detail.value else {
      return [.notice(Notice(.info, "The person is still being read."))]
    }
    return openForm(for: value.person, managerName: value.managerKey)
  }

  mutating func openForm(for person: Person?, managerName: String) -> [Effect] {
    edited = person
    editedManager = managerName
    let action = person == nil ? PeopleAction.add : PeopleAction.edit
    let title = person.map { "Edit \($0.displayName) (\($0.id))" } ?? "Add a person"
    let form = PersonForm.form(for: person, manager: managerName, custom: custom.value ?? [])
    return [
      .open(.form(FormLayer(action, title: title, form: form, check: .person(custom.value ?? []))))
    ]
  }

  mutating func save(_ values: FormValues) -> [Effect] {
    let draft = PersonForm.draft(values, of: edited, manager: editedManager)
    let action = edited == nil ? PeopleAction.add : PeopleAction.edit
    if draft.isEmpty {
      return [.closeForm(action), .notice(Notice(.info, "Nothing was changed."))]
    }
    let ticket = book.next()
    saving = ticket
    return [.savePerson(draft, ticket)]
  }

  mutating func finishSaving(_ id: PersonID, in world: World) -> [Effect] {
    let isNew = edited == nil
    (saving, edited) = (nil, nil)
    detail.expire()
    return [
      .closeForm(isNew ? PeopleAction.add : PeopleAction.edit),
      .notice(Notice(.success, isNew ? "\(id) was added." : "\(id) was saved.")),
    ] + ask(at: .around(id.rawValue), in: world)
  }
}
