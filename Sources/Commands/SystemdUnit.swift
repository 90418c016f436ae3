// `serve --print-unit`: a unit for systemd that runs this program on this workspace, locked into
// what it needs. What must stay true: no path is guessed, and a path with blanks, quotes, percent or
// dollar signs means itself.

import Basics

struct SystemdUnit {
  var program: String
  var workspace: String
  var user: String
  var listen: String?

  var text: String {
    let folder = workspace.lastIndex(of: "/").map { String(workspace[..<$0]) } ?? ""
    let arguments = ["--workspace", workspace, "serve"] + (listen.map { ["--listen", $0] } ?? [])
    let words = ([program] + arguments).map(Self.argument).joined(separator: " ")
    return """
      # Write this to /etc/systemd/system/listkeeper.service, then:
      #   systemctl daemon-reload && systemctl enable --now listkeeper
      [Unit]
      Description=Listkeeper: keeps a Mailchimp audience in step with people
      Wants=network-online.target
      After=network-online.target

      [Service]
      Type=exec
      User=\(user)
      ExecStart=\(words)
      # Another engine that holds the workspace (exit code 5) goes on alone.
      Restart=on-failure
      RestartSec=10
      RestartPreventExitStatus=2 4 5
      # It stops at a safe point and goes on from there.
      TimeoutStopSec=60
      UMask=0077
      NoNewPrivileges=yes
      ProtectSystem=strict
      ReadWritePaths=\(Self.quoted(folder.isEmpty ? "/" : folder))
      PrivateTmp=yes
      ProtectKernelTunables=yes
      ProtectControlGroups=yes
      RestrictSUIDSGID=yes

      [Install]
      WantedBy=multi-user.target

      """
  }

  /// A word of a command line, where a dollar sign would begin a variable.
  private static func argument(_ word: String) -> String {
    quoted(word).replacing("$", with: "$$")
  }

  /// One word as systemd.syntax(7) reads it.
  static func quoted(_ word: String) -> String {
    let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("%", with: "%%")
    let isPlain = word.utf8.allSatisfy { byte in
      byte > 0x20 && byte != 0x7F && !"'\";".utf8.contains(byte)
    }
    return isPlain ? escaped : "\"\(escaped)\""
  }
}
