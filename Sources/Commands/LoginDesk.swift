// The login of a console: one at a time, told step by step. What must stay true: the first answer
// that is one to this login counts, and a login that has ended tells nothing more and saves nothing.

import Basics
import Console
import Mailchimp

final class LoginDesk: Sendable {
  private let state = Locked(State())

  private struct State {
    /// Counts the logins; an older one is over.
    var number = 0
    var visit: Visit?
  }

  private struct Visit: Sendable {
    var access: AccountAccess
    var login: MailchimpLogin
    var invitation: LoginInvitation
    var ear: LoginEar
    var user: String
    var tell: @Sendable (LoginStep) -> Void
    var isFinishing = false
    var work: Task<Void, Never>?
  }

  /// Begins another login; `tell` hears how far it is, until it is done or has failed.
  func begin(
    as user: String, _ tell: @escaping @Sendable (LoginStep) -> Void,
    _ access: @escaping @Sendable () throws(Problem) -> AccountAccess
  ) {
    end()
    let number = state.withLock { $0.number }
    Task.detached { [self] in
      do throws(Problem) {
        let access = try access()
        let login = try await access.login()
        let ear = LoginEar(login) { [weak self] in self?.take($0, of: number) }
        let invitation = LoginInvitation(address: login.address, listensAt: ear.place)
        let visit = Visit(
          access: access, login: login, invitation: invitation, ear: ear, user: user, tell: tell)
        let isWanted = state.withLock { state in
          guard state.number == number else { return false }
          state.visit = visit
          return true
        }
        if isWanted { tell(.waiting(invitation, nil)) } else { ear.close() }
      } catch {
        tell(.failed(error))
      }
    }
  }

  /// Takes the address the browser ended on.
  func paste(_ address: Secret) {
    let (number, visit) = state.withLock { ($0.number, $0.visit) }
    guard let visit else { return }
    do throws(Problem) {
      take(.success(try visit.login.code(inAddress: address.reveal())), of: number)
    } catch {
      take(.failure(error), of: number)
    }
  }

  /// Ends the login: the listener closes, and what is under way is broken off.
  func end() {
    let visit = state.withLock { state in
      defer { state.visit = nil }
      state.number += 1
      return state.visit
    }
    visit?.work?.cancel()
    visit?.ear.close()
  }

  private func take(_ answer: Result<Secret, Problem>, of number: Int) {
    switch answer {
    case .success(let code): finish(with: code, of: number)
    case .failure(let problem):
      let visit = state.withLock { $0.number == number ? $0.visit : nil }
      guard let visit, !visit.isFinishing else { return }
      // Somebody's stray request or a slip of the paste must not end what somebody waits for.
      let isStray = ["login.wrong-state", "login.no-code"].contains(problem.code)
      visit.tell(isStray ? .waiting(visit.invitation, problem) : .failed(problem))
    }
  }

  private func finish(with code: Secret, of number: Int) {
    state.withLock { state in
      guard state.number == number, var visit = state.visit, !visit.isFinishing else { return }
      visit.isFinishing = true
      let (access, login, user, tell) = (visit.access, visit.login, visit.user, visit.tell)
      visit.work = Task.detached {
        tell(.finishing)
        do throws(Problem) {
          tell(.done(try await access.finish(login, code: code, as: user)))
        } catch {
          tell(.failed(error))
        }
      }
      state.visit = visit
    }
  }
}
