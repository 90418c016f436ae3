// A TCP connection for tests that must say bytes no client would say. Blocking calls run on a
// thread of their own, because the cooperative pool has too few threads to lend one.

import Basics
import Foundation

package struct RawConnection: Sendable {
  private let descriptor: Int32

  /// Connects to a listener on 127.0.0.1.
  package init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      Glibc.close(descriptor)
      throw Violation("no connection to port \(port): \(String(cString: strerror(errno)))")
    }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) {
    _ = bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// Everything until `ending` has arrived (included) or the other side closed.
  package func read(until ending: String? = nil) async -> String {
    let descriptor = descriptor
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        let mark = ending.map { Array($0.utf8) }
        while true {
          let count = recv(descriptor, &buffer, mark == nil ? buffer.count : 1, 0)
          if count <= 0 { break }
          all += buffer[..<count]
          if let mark, all.count >= mark.count, all.suffix(mark.count) == mark[...] { break }
        }
        continuation.resume(returning: String(decoding: all, as: UTF8.self))
      }
    }
  }

  package func close() { Glibc.close(descriptor) }
}
