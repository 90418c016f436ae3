// swift-tools-version: 6.2
import PackageDescription

/// Every warning in our own code stops the build; a deprecation in a newer Foundation does not.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .treatWarning("DeprecatedDeclaration", as: .warning),
]

func library(_ name: String, _ imports: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: strict)
}

func tests(_ name: String, _ imports: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: imports, swiftSettings: strict)
}

let package = Package(
  name: "listkeeper",
  products: [.executable(name: "listkeeper", targets: ["listkeeper"])],
  targets: [
    // The C libraries, one importer each.
    .target(name: "CSystem", cSettings: [.define("_GNU_SOURCE")]),
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    // Rows of the map in Sources/README.md, lowest first.
    library("Basics", ["CSystem"]),
    library("SQLite", ["Basics", "CSQLite"]),
    library("HTTP", ["Basics", "CCurl"]),
    library("Screen", ["Basics"]),
    library("Domain", ["Basics"]),
    library("Queue", ["SQLite", "Basics"]),
    library("Storage", ["Queue", "SQLite", "Domain", "Basics"]),
    library("Mailchimp", ["HTTP", "Domain", "Basics"]),
    library("PeopleSources", ["Storage", "SQLite", "HTTP", "Domain", "Basics"]),
    library(
      "Engine",
      ["Storage", "Queue", "Mailchimp", "PeopleSources", "HTTP", "Domain", "Basics"]),
    library("Sandbox", ["HTTP", "Basics"]),
    library("Console", ["Screen", "Domain", "Basics"]),
    library("Curses", ["Screen", "CNcurses", "Basics"]),
    library(
      "Commands",
      [
        "Console", "Curses", "Engine", "Sandbox", "PeopleSources", "Storage", "Mailchimp",
        "Queue", "Domain", "Screen", "SQLite", "HTTP", "Basics",
      ]),
    .executableTarget(name: "listkeeper", dependencies: ["Commands"], swiftSettings: strict),

    // Tests.
    .target(
      name: "Support",
      dependencies: [
        "Engine", "Sandbox", "Storage", "Mailchimp", "Queue", "SQLite", "HTTP", "Domain", "Screen",
        "Basics", "CSystem",
      ],
      path: "Tests/Support", swiftSettings: strict),
    // Random histories through the whole, for `EngineTests` and for `Laws`, which plays thousands.
    .target(
      name: "Histories",
      dependencies: [
        "Support", "Engine", "Sandbox", "Storage", "HTTP", "Domain", "Basics",
      ],
      path: "Tests/Histories", swiftSettings: strict),
    .executableTarget(
      name: "Laws", dependencies: ["Histories", "Support"], path: "Tests/Laws",
      swiftSettings: strict),
    tests("BasicsTests", ["Basics", "Support"]),
    tests("SQLiteTests", ["SQLite", "Basics", "Support"]),
    tests("QueueTests", ["Queue", "SQLite", "Basics", "Support"]),
    tests("HTTPTests", ["HTTP", "Basics", "Support"]),
    tests("ScreenTests", ["Screen", "Basics", "Support"]),
    tests("DomainTests", ["Domain", "Basics", "Support"]),
    tests("StorageTests", ["Storage", "Queue", "SQLite", "Domain", "Basics", "Support"]),
    tests(
      "PeopleSourcesTests",
      ["PeopleSources", "Storage", "SQLite", "HTTP", "Domain", "Basics", "Support"]),
    tests("SandboxTests", ["Sandbox", "HTTP", "Basics", "Support"]),
    tests("MailchimpTests", ["Mailchimp", "Sandbox", "HTTP", "Domain", "Basics", "Support"]),
    tests(
      "EngineTests",
      [
        "Engine", "PeopleSources", "Storage", "Queue", "Mailchimp", "Sandbox", "Domain", "Basics",
        "Support", "Histories",
      ]),
    tests("ConsoleTests", ["Console", "Screen", "Domain", "Basics", "Support"]),
    tests(
      "CommandsTests",
      [
        "Commands", "Console", "Sandbox", "Storage", "Domain", "Screen", "Basics", "Support",
        "listkeeper",
      ]),
    tests(
      "ScenarioTests",
      [
        "PeopleSources", "Engine", "Storage", "Queue", "Mailchimp", "Sandbox", "Domain", "HTTP",
        "SQLite", "Screen", "Basics", "Support", "listkeeper",
      ]),
    // A program that shows what a terminal sends, for the tests of `Curses`.
    .executableTarget(
      name: "TerminalProbe", dependencies: ["Curses", "Screen", "Basics"],
      path: "Tests/TerminalProbe", swiftSettings: strict),
    tests(
      "TerminalTests",
      ["Support", "Storage", "Domain", "Curses", "Screen", "Basics", "listkeeper", "TerminalProbe"]),
    tests(
      "CrashTests",
      [
        "Support", "Storage", "Queue", "SQLite", "Sandbox", "HTTP", "Domain", "Basics",
        "listkeeper",
      ]
    ),
    tests("ArchitectureTests", ["Console", "Domain", "Support", "Basics"]),
    .executableTarget(
      name: "Bench",
      dependencies: [
        "Support", "Engine", "Sandbox", "Storage", "Queue", "SQLite", "Domain", "HTTP", "Basics",
      ],
      path: "Tests/Bench", swiftSettings: strict),
  ]
)
