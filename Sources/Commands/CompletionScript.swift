// Completions for bash, zsh and fish, made from what commands declare, as their help is: a new
// option completes without another line here. What stands for a value says what can be offered:
// FILE for files, `a|b` for choices, and a few words with a table of their own.

import Basics
import Console
import Domain

struct CompletionScript {
  enum Shell: String, CaseIterable { case bash, zsh, fish }

  /// What can stand in a place.
  enum Offer: Equatable {
    case nothing, files, folders
    case words([String])
  }

  let sections: [CommandSection]

  var groups: [CommandGroup] { sections.flatMap(\.groups) }
  private var commands: [Command] { groups.flatMap(\.commands) }

  func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  // MARK: What is offered

  static func offer(for placeholder: String, of command: Command?) -> Offer {
    switch placeholder {
    case "FILE": return .files
    case "DIR": return .folders
    case "PANE": return .words(PaneID.allCases.map { "\($0)".lowercased() })
    case "SHELL": return .words(Shell.allCases.map(\.rawValue))
    case "KEY": return .words(Settings.all.map(\.key))
    case "STATUS": return .words(ExecutionStatus.allCases.map(\.rawValue))
    case "FLOW": return .words(["push", "pull", "tags", "verification", "refresh"])
    case "TRIGGER": return .words(Trigger.allCases.map(\.rawValue))
    case "LEVEL": return .words(LogLevel.allCases.map { "\($0)" })
    case "CLASS": return .words(DriftClass.allCases.map(\.rawValue))
    case "TYPE" where command?.words.first == "schedules":
      return .words(ScheduleType.allCases.map(\.rawValue))
    case "TYPE" where command?.words.first == "mapping":
      return .words(MergeField.Kind.allCases.map(\.rawValue))
    case "TYPE": return .words(FieldType.allCases.map(\.rawValue))
    default:
      return placeholder.contains("|")
        ? .words(placeholder.split(separator: "|").map(String.init)) : .nothing
    }
  }

  private func offer(for argument: Command.Argument, of command: Command) -> Offer {
    argument.name == "COMMAND"
      ? .words(groups.map(\.name) + Guidance.all.map(\.name))
      : Self.offer(for: argument.name, of: command)
  }

  private func options(of command: Command) -> [Command.Option] {
    let isGlobal = Command.Option.global.filter { option in
      option != .plain && (option != .json || command.shape != nil)
    }
    return command.options + isGlobal
  }

  /// The names of options that a value follows; no name is a flag elsewhere.
  var valued: [String] {
    let all = commands.flatMap(\.options) + Command.Option.global
    return Set(all.filter { $0.value != nil }.map { "--\($0.name)" }).sorted()
  }

  // MARK: bash

  /// Words are kept apart by line feeds, since some hold blanks.
  private var bash: String {
    func reply(_ offer: Offer) -> String {
      switch offer {
      case .nothing: ":"
      case .files: "files=-f"
      case .folders: "files=-d"
      case .words(let words): "words=\(Self.ansi(words))"
      }
    }
    var values: [String] = []
    for option in Command.Option.global {
      guard let value = option.value else { continue }
      values.append("      *' --\(option.name)') \(reply(Self.offer(for: value, of: nil))) ;;")
    }
    for command in commands {
      for option in command.options {
        guard let value = option.value else { continue }
        let offer = Self.offer(for: value, of: command)
        values.append("      '\(command.name) --\(option.name)') \(reply(offer)) ;;")
      }
    }
    let flags = commands.map { command in
      "      '\(command.name)') words=\(Self.ansi(options(of: command).map { "--\($0.name)" })) ;;"
    }
    let seconds = groups.filter { !$0.isSingle }.map { group in
      "      \(group.name)) words=\(Self.ansi(group.commands.compactMap(\.words.last))) ;;"
    }
    let arguments = commands.flatMap { command in
      command.arguments.enumerated().compactMap { index, argument -> String? in
        let offer = offer(for: argument, of: command)
        guard offer != .nothing else { return nil }
        return "      '\(command.name) \(index)') \(reply(offer)) ;;"
      }
    }
    let singles = groups.filter(\.isSingle).map(\.name).joined(separator: "|")
    return """
      # Completions for listkeeper in bash. To use them in this shell:
      #   source <(listkeeper completions bash)
      # In every shell: write them to ~/.local/share/bash-completion/completions/listkeeper
      _listkeeper() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
        local group= command= words= files= skip= word i count=0 IFS=$'\\n'
        COMPREPLY=()
        for ((i = 1; i < COMP_CWORD; i++)); do
          word=${COMP_WORDS[i]}
          if [[ $skip ]]; then skip=; continue; fi
          case $word in
            \(valued.joined(separator: "|"))) skip=1 ;;
            -*) ;;
            *)
              if [[ ! $group ]]; then
                group=$word
                case $group in \(singles)) command=$group ;; esac
              elif [[ ! $command ]]; then command="$group $word"
              else count=$((count + 1)); fi ;;
          esac
        done
        if [[ $skip ]]; then
          case "$command $previous" in
      \(values.joined(separator: "\n"))
          esac
        elif [[ $current == -* ]]; then
          case $command in
      \(flags.joined(separator: "\n"))
            *) words=\(Self.ansi(Command.Option.global.map { "--\($0.name)" })) ;;
          esac
        elif [[ ! $group ]]; then
          words=\(Self.ansi(groups.map(\.name)))
        elif [[ ! $command ]]; then
          case $group in
      \(seconds.joined(separator: "\n"))
          esac
        else
          case "$command $count" in
      \(arguments.joined(separator: "\n"))
          esac
        fi
        if [[ $files ]]; then
          compopt -o filenames 2>/dev/null
          COMPREPLY=($(compgen $files -- "$current"))
        elif [[ $words ]]; then
          COMPREPLY=($(compgen -W "$words" -- "$current"))
          for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=$(printf %q "${COMPREPLY[i]}"); done
        fi
      }
      complete -F _listkeeper listkeeper

      """
  }

  /// `$'one\ntwo'`
  private static func ansi(_ words: [String]) -> String {
    "$'\(words.map { quoted($0, "\\'") }.joined(separator: "\\n"))'"
  }

  private static func quoted(_ text: String, _ signs: String) -> String {
    String(text.flatMap { signs.contains($0) ? ["\\", $0] : [$0] })
  }

  // MARK: zsh

  private var zsh: String {
    func text(_ text: String) -> String { Self.quoted(text, "[]:").replacing("'", with: "'\\''") }
    func action(_ offer: Offer) -> String {
      switch offer {
      case .nothing: " "
      case .files: "_files"
      case .folders: "_files -/"
      case .words(let words):
        "(\(words.map { $0.replacing(" ", with: "\\ ") }.joined(separator: " ")))"
      }
    }
    func line(_ option: Command.Option, _ command: Command?) -> String {
      let value = option.value.map {
        ":\(text($0)):\(action(Self.offer(for: $0, of: command)))"
      }
      return "'--\(option.name)[\(text(option.help))]\(value ?? "")'"
    }
    func body(_ command: Command, _ indent: String) -> String {
      var lines = options(of: command).map { line($0, command) }
      for argument in command.arguments {
        let offer = offer(for: argument, of: command)
        let isMany = argument.count == .several || argument.count == .search
        lines.append("'\(isMany ? "*" : ""):\(text(argument.name)):\(action(offer))'")
      }
      return (["_arguments -S"] + lines).joined(separator: " \\\n\(indent)  ")
    }
    let cases = groups.map { group -> String in
      if group.isSingle {
        return "    \(group.name))\n      \(body(group.commands[0], "      "))\n      ;;"
      }
      let names = group.commands.map { command in
        "'\(command.words.last ?? ""):\(text(command.summary))'"
      }
      let inner = group.commands.map { command in
        "        \(command.words.last ?? ""))\n          \(body(command, "          "))\n          ;;"
      }
      return """
            \(group.name))
              if (( CURRENT == 2 )); then
                local -a names=(
                  \(names.joined(separator: "\n            "))
                )
                _describe -t commands 'command' names
                return
              fi
              shift words
              (( CURRENT-- ))
              case $words[1] in
        \(inner.joined(separator: "\n"))
              esac
              ;;
        """
    }
    let global = Command.Option.global.map { line($0, nil) }
    let all = groups.map { "'\($0.name):\(text($0.summary))'" }
    return """
      #compdef listkeeper
      # Completions for listkeeper in zsh: write them to a file _listkeeper in a folder of $fpath.
      _listkeeper() {
        local context state line
        local -A opt_args
        _arguments -C \\
          \(global.joined(separator: " \\\n    ")) \\
          '1:command:->group' '*::argument:->rest'
        if [[ $state == group ]]; then
          local -a groups=(
            \(all.joined(separator: "\n      "))
          )
          _describe -t commands 'command' groups
          return
        fi
        [[ $state == rest ]] || return
        case $words[1] in
      \(cases.joined(separator: "\n"))
        esac
      }
      if [[ $funcstack[1] == _listkeeper ]]; then _listkeeper "$@"; else compdef _listkeeper listkeeper; fi

      """
  }

  // MARK: fish

  private var fish: String {
    func text(_ text: String) -> String { "'\(Self.quoted(text, "\\'"))'" }
    func action(_ offer: Offer) -> String {
      switch offer {
      case .nothing: ""
      case .files: " -F"
      case .folders: " -a '(__fish_complete_directories)'"
      case .words(let words):
        " -a \(text(words.map { $0.replacing(" ", with: "\\ ") }.joined(separator: " ")))"
      }
    }
    func line(_ option: Command.Option, _ command: Command?, _ place: String) -> String {
      let value = option.value.map { "\(action(Self.offer(for: $0, of: command)))" }
      let short = option.short.map { " -s \($0)" } ?? ""
      return "complete -c listkeeper\(place) -l \(option.name)\(short)"
        + (value.map { " -r\($0)" } ?? "") + " -d \(text(option.help))"
    }
    var lines = [
      "# Completions for listkeeper in fish: write them to",
      "# ~/.config/fish/completions/listkeeper.fish",
      "",
      "# True where exactly (with -n) or at least the given words stand before the cursor.",
      "function __listkeeper_at",
      "  set -l tokens (commandline -opc)",
      "  set -e tokens[1]",
      "  set -l plain",
      "  set -l skip 0",
      "  for token in $tokens",
      "    if test $skip = 1; set skip 0; continue; end",
      "    switch $token",
      "      case \(valued.joined(separator: " ")); set skip 1",
      "      case '-*'",
      "      case '*'; set -a plain $token",
      "    end",
      "  end",
      "  if test \"$argv[1]\" = -n",
      "    set -e argv[1]",
      "    test \"$plain\" = \"$argv\"; and test $skip = 0",
      "  else",
      "    string match -q -- \"$argv *\" \"$plain \"",
      "  end",
      "end",
      "",
      "complete -c listkeeper -f",
    ]
    lines += Command.Option.global.map { line($0, nil, "") }
    for group in groups {
      lines.append(
        "complete -c listkeeper -n '__listkeeper_at -n' -a \(group.name) -d \(text(group.summary))")
      for command in group.commands {
        if !group.isSingle {
          lines.append(
            "complete -c listkeeper -n '__listkeeper_at -n \(group.name)' -a"
              + " \(command.words.last ?? "") -d \(text(command.summary))")
        }
        lines += command.options.map { line($0, command, " -n '__listkeeper_at \(command.name)'") }
        if let first = command.arguments.first {
          let offer = offer(for: first, of: command)
          if offer != .nothing {
            lines.append(
              "complete -c listkeeper -n '__listkeeper_at -n \(command.name)'\(action(offer))")
          }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
