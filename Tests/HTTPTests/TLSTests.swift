// TLS against a server that is not ours (`openssl s_server`) with certificates made for the run.

import Basics
import Foundation
import Support
import Testing

@testable import HTTP

@Suite(.serialized) struct TLSTests {
  @Test func `a self-signed certificate is refused with its reason`() async throws {
    let server = try await SecureServer(hostName: "127.0.0.1")
    defer { server.stop() }
    let client = try HTTPClient()
    let problem = try await refusal(client, server.port)
    #expect(problem.code == "http.tls-refused")
    #expect(problem.fields["reason"] == "self-signed")
    #expect(problem.fields["sent"] == "no")
  }

  @Test func `a certificate under the named authority passes`() async throws {
    let server = try await SecureServer(hostName: "127.0.0.1")
    defer { server.stop() }
    let client = try HTTPClient(certificates: server.certificate)
    let answer = try await client.send(
      HTTPClientRequest("GET", "https://127.0.0.1:\(server.port)/"))
    #expect(answer.status == 200)
  }

  @Test func `a certificate of another host is refused`() async throws {
    let server = try await SecureServer(hostName: "192.0.2.1")
    defer { server.stop() }
    let client = try HTTPClient(certificates: server.certificate)
    let problem = try await refusal(client, server.port)
    #expect(problem.code == "http.tls-refused")
    #expect(problem.fields["reason"] == "wrong-host")
  }

  @Test func `a server below TLS 1.2 is refused`() async throws {
    let server = try await SecureServer(
      hostName: "127.0.0.1", ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    defer { server.stop() }
    let client = try HTTPClient(certificates: server.certificate)
    let problem = try await refusal(client, server.port)
    #expect(problem.code == "http.tls-refused")
    #expect(problem.fields["reason"] == "handshake")
  }

  @Test func `a port without TLS is refused`() async throws {
    let listener = HTTPListener { _, _ in .response(HTTPResponse(200)) }
    try listener.start()
    defer { listener.stop() }
    let problem = try await refusal(try HTTPClient(), listener.port)
    #expect(problem.code == "http.tls-refused")
    #expect(problem.fields["reason"] == "handshake")
  }

  private func refusal(_ client: HTTPClient, _ port: UInt16) async throws -> Problem {
    do throws(Problem) {
      _ = try await client.send(HTTPClientRequest("GET", "https://127.0.0.1:\(port)/"))
    } catch {
      return error
    }
    throw Violation("the server was trusted")
  }
}

/// `openssl s_server` on a port of its own choice, with a certificate signed by itself.
private final class SecureServer: Sendable {
  let port: UInt16
  let certificate: String
  private let folder: URL
  private let server: Locked<Process>

  init(hostName: String, _ arguments: [String] = []) async throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("listkeeper-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let key = folder.appendingPathComponent("key.pem").path
    certificate = folder.appendingPathComponent("certificate.pem").path
    let making = Process()
    making.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    making.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
      "-nodes", "-days", "2", "-subj", "/CN=listkeeper test", "-addext",
      "subjectAltName=IP:\(hostName)", "-keyout", key, "-out", certificate,
    ]
    making.standardError = FileHandle.nullDevice
    let made = AsyncStream.makeStream(of: Int32.self)
    making.terminationHandler = { made.continuation.yield($0.terminationStatus) }
    try making.run()
    for await status in made.stream {
      guard status == 0 else { throw Violation("openssl made no certificate") }
      break
    }

    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-key", key, "-cert", certificate]
      + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    server = Locked(process)
    port = try await Self.announcedPort(output.fileHandleForReading)
  }

  /// s_server says `ACCEPT 127.0.0.1:PORT` once it listens.
  private static func announcedPort(_ output: FileHandle) async throws -> UInt16 {
    let descriptor = output.fileDescriptor
    let line: String = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var all: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
          all.append(byte)
          if byte == 10, all.starts(with: Array("ACCEPT".utf8)) { break }
          if byte == 10 { all = [] }
        }
        continuation.resume(returning: String(decoding: all, as: UTF8.self))
      }
    }
    withExtendedLifetime(output) {}
    guard let last = line.split(separator: ":").last,
      let port = UInt16(last.trimmingCharacters(in: .whitespacesAndNewlines))
    else { throw Violation("openssl s_server did not say its port: \(line)") }
    return port
  }

  func stop() {
    server.withLock { $0.terminate() }
    try? FileManager.default.removeItem(at: folder)
  }
}
