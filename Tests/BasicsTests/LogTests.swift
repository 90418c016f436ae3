import Glibc
import Support
import Testing

@testable import Basics

@Suite struct LogTests {
  private func mode(_ path: String) -> mode_t {
    var status = stat()
    stat(path, &status)
    return status.st_mode & 0o777
  }

  @Test func `a log that others could read is closed to them when it is opened`() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write("old.log", "earlier\n")
    chmod(path, 0o644)
    try DiagnosticLog(path: path).write(.info, "opened")
    #expect(mode(path) == 0o600)
    _ = try DiagnosticLog(path: "/dev/null")
    #expect(mode("/dev/null") & 0o066 == 0o066)
  }
}
