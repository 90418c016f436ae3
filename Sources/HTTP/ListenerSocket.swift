// The listening socket: numeric addresses only, so that nothing is ever bound by a name service's
// answer, and every refusal of the system in words.

import Basics
import CCurl
import Glibc

struct ListenerSocket: Sendable {
  let descriptor: Int32
  let port: UInt16

  /// Binds and listens; port 0 lets the system choose.
  init(address: String, port: UInt16) throws(Problem) {
    let host = address == "localhost" ? "127.0.0.1" : address
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
      throw Problem(
        "http.bad-address", "'\(Text.oneLine(address))' is no address to listen on.",
        remedy: "Name a numeric address such as 127.0.0.1, ::1 or 0.0.0.0.",
        fields: ["address": address])
    }
    defer { freeaddrinfo(found) }
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(found.pointee.ai_family, type, 0)
    guard descriptor >= 0 else { throw Self.refusal(errno, address, port) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
      listen(descriptor, 128) == 0
    else {
      let code = errno
      close(descriptor)
      throw Self.refusal(code, address, port)
    }
    self.descriptor = descriptor
    self.port = Self.boundPort(of: descriptor)
  }

  private static func refusal(_ code: Int32, _ address: String, _ port: UInt16) -> Problem {
    let cause = String(cString: strerror(code))
    let fields = ["address": address, "port": String(port)]
    switch code {
    case EADDRINUSE:
      return Problem(
        "http.port-taken", "Port \(port) on \(address) is taken by another program.",
        remedy: "Stop that program, or choose another port.", fields: fields, cause: cause)
    case EACCES:
      return Problem(
        "http.port-forbidden", "This user may not listen on port \(port).",
        remedy: "Choose a port above 1023.", fields: fields, cause: cause)
    case EADDRNOTAVAIL:
      return Problem(
        "http.bad-address", "This machine has no address \(address).",
        remedy: "Name one of its own addresses, or 127.0.0.1.", fields: fields, cause: cause)
    default:
      return Problem(
        "http.cannot-listen", "Nothing can listen on \(address), port \(port).",
        remedy: "Choose another address or port.", fields: fields, cause: cause)
    }
  }

  private static func boundPort(of descriptor: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = getsockname(descriptor, address, &length)
      }
      // The port lies at the same place in both families.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
  }

  enum Arrival {
    case connection(descriptor: Int32, peer: String)
    case nobody
    /// The process has no descriptor left for it.
    case noRoom
  }

  /// The next connection that waits, without blocking.
  func accept() -> Arrival {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let descriptor = cu_accept(self.descriptor, address, &length)
        if descriptor >= 0 {
          var yes: Int32 = 1
          setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes,
            socklen_t(MemoryLayout<Int32>.size))
          return .connection(descriptor: descriptor, peer: Self.name(of: address, length))
        }
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? .noRoom : .nobody
      }
    }
  }

  private static func name(of address: UnsafePointer<sockaddr>, _ length: socklen_t) -> String {
    var host = [CChar](repeating: 0, count: 64)
    guard
      getnameinfo(address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
    else { return "" }
    return String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
