// Lets async code wait for something that blocks, on a thread of its own: the pool has few.

import Basics
import Foundation

package enum Blocking {
  package static func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws(Problem) -> Value
  ) async throws(Problem) -> Value {
    let result: Result<Value, Problem> = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        do throws(Problem) {
          continuation.resume(returning: .success(try body()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}
