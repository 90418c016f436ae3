// Many calls at once, with the answers in the order of what was asked. How many are really under way
// is for the client to say: its limiter holds the others back.

import Mailchimp

/// Asks each; what one call meets is an answer too, and stops none of the others.
func sideBySide<Asked: Sendable, Answer: Sendable>(
  _ asked: [Asked], _ ask: @escaping @Sendable (Asked) async throws(MailchimpError) -> Answer
) async -> [Result<Answer, MailchimpError>] {
  await withTaskGroup(of: Numbered<Answer>.self) { group in
    for (number, one) in asked.enumerated() {
      group.addTask { Numbered(number: number, answer: await answer(to: one, ask)) }
    }
    var answers: [Numbered<Answer>] = []
    answers.reserveCapacity(asked.count)
    for await answer in group { answers.append(answer) }
    return answers.sorted { $0.number < $1.number }.map(\.answer)
  }
}

/// No tuple: made in a task group's closure with a typed throw, one came out wrong of Swift 6.3's
/// optimiser, and the release build crashed at the first change.
private struct Numbered<Answer: Sendable>: Sendable {
  var number: Int
  var answer: Result<Answer, MailchimpError>
}

private func answer<Asked, Answer>(
  to one: Asked, _ ask: (Asked) async throws(MailchimpError) -> Answer
) async -> Result<Answer, MailchimpError> {
  do throws(MailchimpError) { return .success(try await ask(one)) } catch {
    return .failure(error)
  }
}
