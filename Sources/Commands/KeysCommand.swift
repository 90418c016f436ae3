// `keys`: every action of the console with its keys, those of one's own file in place of the others.

import Basics
import Console
import Domain
import Screen

enum KeysCommand {
  static let group = CommandGroup(
    Command(
      "keys", "Every action of the console with its keys",
      notes: """
        Your own keys stand in $XDG_CONFIG_HOME/listkeeper/keys (~/.config/listkeeper/keys), one \
        action a line: people.add = a Insert. `none` takes a key away; # begins a remark. A key of \
        this file wins over one that the console came with. The file is read again when it is \
        written; a line that cannot be read is named, and nothing of the file is used then. \
        Sentences on the screen go on naming the keys that came with it.
        """,
      shape: """
        [{"action": "people.add", "place": "People", "keys": ["a"], "help": "Add a person."}]
        """
    ) { (run) throws(Problem) in
      let rows = try OwnFolder.readKeys(environment: run.context.environment).table()
      run.report(
        .array(
          rows.map { row in
            [
              "action": .string(row.action), "place": .string(row.place),
              "keys": .array(row.keys.split(separator: " ").map { .string(String($0)) }),
              "help": .string(row.help),
            ]
          })
      ) {
        let widest = rows.map { CharacterWidth.of($0.action) }.max() ?? 0
        var place = ""
        for row in rows {
          if row.place != place {
            if !place.isEmpty { run.output.line("") }
            run.output.line(row.place)
            place = row.place
          }
          let name = CharacterWidth.fit(row.action, to: widest)
          run.output.line("  \(name)  \(CharacterWidth.fit(row.keys, to: 10))  \(row.help)")
        }
      }
      return .done
    })
}
