// The arrows between the targets, read from the sources themselves: SwiftPM lets transitive imports
// pass, so the map in Sources/README.md is held against every `import`.

import Foundation
import Support
import Testing

@Suite struct ArrowTests {
  let map: [String: Set<String>]

  init() throws { map = try Repository.targets() }

  @Test func `every target on disk is in the map, and the other way round`() throws {
    #expect(try Repository.folders("Sources") == map.keys.sorted())
  }

  @Test func `no file imports more than its target's row allows`() throws {
    for (target, allowed) in map {
      for (file, imports) in try Repository.imports(of: target) {
        let ours = imports.intersection(map.keys)
        #expect(ours.subtracting(allowed).isEmpty, "\(file) imports \(ours.subtracting(allowed))")
      }
    }
  }

  @Test func `what is pure imports nothing that does input or output`() throws {
    for target in ["Domain", "Screen", "Console"] {
      for (file, imports) in try Repository.imports(of: target) {
        let outside = imports.subtracting(map.keys)
        #expect(outside.isSubset(of: ["Foundation"]), "\(file) imports \(outside)")
      }
    }
  }

  @Test func `each C library has one importer`() throws {
    for (library, importers) in ["CNcurses": ["Curses"], "CSQLite": ["SQLite"], "CCurl": ["HTTP"]] {
      #expect(map.filter { $0.value.contains(library) }.keys.sorted() == importers)
    }
  }

  @Test func `an arrow never closes a circle`() {
    var done: Set<String> = []
    while done.count < map.count {
      let next = map.filter { !done.contains($0.key) && $0.value.isSubset(of: done) }.keys
      guard !next.isEmpty else {
        Issue.record("A circle among \(Set(map.keys).subtracting(done))")
        return
      }
      done.formUnion(next)
    }
  }

  @Test func `nothing is public, and nothing is named after a dump`() throws {
    for (file, text) in try Repository.swiftFiles("Sources") {
      for line in text.split(separator: "\n") {
        #expect(!line.hasPrefix("public "), "\(file): \(line)")
        let words = ["Manager", "Helper", "Util", "Service"]
        if line.contains("struct ") || line.contains("class ") || line.contains("enum ") {
          let name = line.split(separator: " ").first { $0.first?.isUppercase == true } ?? ""
          #expect(!words.contains { name.hasSuffix($0) }, "\(file): \(line)")
        }
      }
    }
  }

  @Test func `every file says in its first comment what it is for`() throws {
    for (file, text) in try Repository.swiftFiles("Sources") {
      #expect(text.hasPrefix("//") || file.hasSuffix("Listkeeper.swift"), "\(file)")
    }
  }

  @Test func `a file over 500 lines says why it is that long`() throws {
    for (file, text) in try Repository.swiftFiles("Sources") {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      guard lines.count > 500 else { continue }
      let head = lines.prefix(12).joined(separator: " ")
      #expect(head.contains("hence its length"), "\(file) has \(lines.count) lines")
    }
  }

  @Test func `the top level holds what the owner allows and nothing else`() throws {
    let allowed: Set = [
      "Package.swift", "Sources", "Tests", "themes", "README.md", "LICENSE",
    ]
    let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root)
    #expect(
      names.filter { !$0.hasPrefix(".") && !allowed.contains($0) && $0 != "Package.resolved" }
        .isEmpty)
  }
}

/// The working tree, seen from this file.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The map's table: target to what it may import.
  static func targets() throws -> [String: Set<String>] {
    let text = try String(contentsOfFile: "\(root)/Sources/README.md", encoding: .utf8)
    var targets: [String: Set<String>] = [:]
    var isInTable = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("| target |") { isInTable = true }
      guard isInTable else { continue }
      if !line.hasPrefix("|") { break }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count >= 4, cells[1].hasPrefix("`") else { continue }
      let name = cells[1].trimmingCharacters(in: ["`"])
      targets[name] = Set(
        cells[3].split(separator: ",").map {
          $0.trimmingCharacters(in: .whitespaces)
        })
    }
    return targets
  }

  static func folders(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(path)").filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(
        atPath: "\(root)/\(path)/\(name)", isDirectory: &isFolder) && isFolder.boolValue
    }.sorted()
  }

  /// Every Swift file below `path` with its text, by its path from the root.
  static func swiftFiles(_ path: String) throws -> [(String, String)] {
    let names = FileManager.default.enumerator(atPath: "\(root)/\(path)")?.allObjects ?? []
    return try names.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map {
      ("\(path)/\($0)", try String(contentsOfFile: "\(root)/\(path)/\($0)", encoding: .utf8))
    }
  }

  static func imports(of target: String) throws -> [(String, Set<String>)] {
    try swiftFiles("Sources/\(target)").map { file, text in
      let modules = text.split(separator: "\n").filter { $0.hasPrefix("import ") }
        .compactMap { $0.split(separator: " ").last.map(String.init) }
      return (file, Set(modules))
    }
  }
}
