// Roles on grounds to colours. What must stay true: every pair resolves, whatever a theme leaves
// out: `a.b` falls back to `a`, then to what the terminal itself uses.

/// What a theme says of one role or ground; nil is "whatever lies under it".
package struct Paint: Sendable, Hashable {
  package var foreground: Colour?
  package var background: Colour?
  package var attributes: Attributes

  package init(
    _ foreground: Colour? = nil, on background: Colour? = nil, _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// How one cell looks.
package struct ResolvedStyle: Sendable, Hashable {
  package var foreground: Colour
  package var background: Colour
  package var attributes: Attributes

  package init(foreground: Colour, background: Colour, attributes: Attributes) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

package struct Theme: Sendable, Hashable {
  package var name: String
  package var roles: [Role: Paint]
  package var grounds: [Ground: Paint]
  /// Shown on a terminal that said its own ground is light.
  package var isOnLight = false

  package init(
    name: String, roles: [Role: Paint], grounds: [Ground: Paint], isOnLight: Bool = false
  ) {
    self.name = name
    self.roles = roles
    self.grounds = grounds
    self.isOnLight = isOnLight
  }

  /// A ground that names a foreground decides alone; else a role that names a background brings both
  /// its colours; else the role is written on the ground. Attributes of both add up, and the cell's
  /// own come on top.
  package func style(_ role: Role, on ground: Ground, _ own: Attributes = []) -> ResolvedStyle {
    let normal = grounds[.normal] ?? Paint()
    let under = paint(of: ground)
    let over = paint(of: role)
    let groundDecides = ground != .normal && under.foreground != nil
    var attributes = over.attributes.union(under.attributes).union(own)
    // Reversed on reversed is plain again: an active tab stays visible in a reversed bar.
    if over.attributes.contains(.reverse) && under.attributes.contains(.reverse) {
      attributes.remove(.reverse)
    }
    // Dimmed on reversed is a grey patch, in which nothing can be read.
    if attributes.contains(.reverse) { attributes.remove(.dim) }
    // Nor on a bright selection; and a row of one style is half as much to send when it is moved to.
    // A key that cannot be used still has to show it.
    if ground == .selection, groundDecides, role != .keyDisabled { attributes.remove(.dim) }
    return ResolvedStyle(
      foreground: (groundDecides ? under.foreground : over.foreground ?? under.foreground)
        ?? normal.foreground ?? .terminal,
      background: (groundDecides ? under.background : over.background ?? under.background)
        ?? normal.background ?? .terminal,
      attributes: attributes)
  }

  /// The theme for a terminal of `depth`. Shades that the terminal has not got would fall together,
  /// so with sixteen colours or fewer a theme made of shades gives way to the standard one; without
  /// colours the meaning is kept by attributes alone.
  package func adapted(to depth: ColourDepth) -> Theme {
    switch depth {
    case .direct: return self
    case .mono: return Theme(name: name, roles: Self.mono.roles, grounds: Self.mono.grounds)
    case .eight, .sixteen:
      let plain = isOnLight ? Self.standardOnLight : Self.standard
      // The few shades of `standardOnLight` each lie nearest to one of the sixteen of their own.
      if hasShades, roles != plain.roles {
        return Theme(name: name, roles: plain.roles, grounds: plain.grounds, isOnLight: isOnLight)
          .adapted(to: depth)
      }
    case .indexed: break
    }
    func adapt(_ paint: Paint) -> Paint {
      var copy = paint
      copy.foreground = paint.foreground?.mapped(to: depth)
      copy.background = paint.background?.mapped(to: depth)
      if depth == .eight, case .ansi(let number)? = paint.foreground?.mapped(to: .sixteen),
        number > 7
      {
        copy.attributes.insert(.bold)
      }
      // Two shades that were apart must not fall together into an unreadable one.
      if let background = copy.background, background == copy.foreground, background != .terminal {
        copy.foreground = nil
        copy.background = nil
        copy.attributes.insert(.reverse)
      }
      return copy
    }
    return Theme(
      name: name, roles: roles.mapValues(adapt), grounds: grounds.mapValues(adapt),
      isOnLight: isOnLight)
  }

  /// Some colour is neither one of the sixteen nor the terminal's own.
  private var hasShades: Bool {
    (Array(roles.values) + Array(grounds.values)).contains { paint in
      [paint.foreground, paint.background].contains { colour in
        switch colour {
        case .rgb, .indexed: true
        default: false
        }
      }
    }
  }

  private func paint(of role: Role) -> Paint {
    if let paint = roles[role] { return paint }
    guard let parent = Self.parent(role.rawValue).flatMap(Role.init) else { return Paint() }
    return roles[parent] ?? Paint()
  }

  private func paint(of ground: Ground) -> Paint {
    if let paint = grounds[ground] { return paint }
    guard let parent = Self.parent(ground.rawValue).flatMap(Ground.init) else { return Paint() }
    return grounds[parent] ?? Paint()
  }

  private static func parent(_ name: String) -> String? {
    name.lastIndex(of: ".").map { String(name[..<$0]) }
  }

  // MARK: Compiled in

  /// The terminal's own sixteen colours on its own background, dark or not known.
  package static let standard = Theme(
    name: "standard",
    roles: [
      .dim: Paint(nil, [.dim]), .strong: Paint(nil, [.bold]), .title: Paint(nil, [.bold]),
      .heading: Paint(nil, [.bold]), .label: Paint(), .accent: Paint(.ansi(6)),
      .success: Paint(.ansi(2)), .info: Paint(.ansi(12)), .warning: Paint(.ansi(3)),
      .danger: Paint(.ansi(1), [.bold]), .border: Paint(nil, [.dim]),
      .borderFocused: Paint(.ansi(6)), .key: Paint(.ansi(6), [.bold]), .keyLabel: Paint(),
      .keyDisabled: Paint(nil, [.dim]), .tab: Paint(), .tabActive: Paint(nil, [.reverse, .bold]),
      .tableHeading: Paint(nil, [.bold, .underline]), .mark: Paint(.ansi(5), [.bold]),
      .placeholder: Paint(nil, [.dim]), .required: Paint(.ansi(1)),
      .match: Paint(nil, [.underline, .bold]), .progress: Paint(.ansi(2)),
      .progressRest: Paint(nil, [.dim]), .scrollBar: Paint(.ansi(6)),
      .button: Paint(), .buttonFocused: Paint(nil, [.reverse, .bold]),
      .link: Paint(.ansi(12), [.underline]),
    ],
    grounds: [
      .normal: Paint(), .selection: Paint(.ansi(15), on: .ansi(4)),
      .selectionInactive: Paint(nil, [.bold]), .input: Paint(nil, [.underline]),
      .inputFocused: Paint(.ansi(15), on: .ansi(4)), .popup: Paint(),
      .bar: Paint(), .error: Paint(.ansi(15), on: .ansi(1), [.bold]),
    ])

  /// The same where the terminal said that its ground is light: cyan, yellow and green are too pale
  /// there, and a colour of text has to be a dark one.
  package static let standardOnLight: Theme = {
    let (blue, green, amber) = (Colour.indexed(19), Colour.indexed(28), Colour.indexed(130))
    var theme = standard
    theme.isOnLight = true
    theme.roles.merge([
      .accent: Paint(blue), .borderFocused: Paint(blue), .scrollBar: Paint(blue),
      .key: Paint(blue, [.bold]), .info: Paint(blue), .link: Paint(blue, [.underline]),
      .success: Paint(green), .progress: Paint(green), .warning: Paint(amber),
    ]) { $1 }
    return theme
  }()

  /// No colours at all: what `NO_COLOR` and terminals without colours get.
  package static let mono = Theme(
    name: "mono",
    roles: [
      .dim: Paint(nil, [.dim]), .strong: Paint(nil, [.bold]), .title: Paint(nil, [.bold]),
      .heading: Paint(nil, [.bold]), .warning: Paint(nil, [.bold]),
      .danger: Paint(nil, [.bold, .underline]), .border: Paint(nil, [.dim]),
      .borderFocused: Paint(nil, [.bold]), .key: Paint(nil, [.bold, .underline]),
      .keyLabel: Paint(), .keyDisabled: Paint(nil, [.dim]), .tab: Paint(),
      .tabActive: Paint(nil, [.reverse, .bold]),
      .tableHeading: Paint(nil, [.bold, .underline]), .mark: Paint(nil, [.bold]),
      .placeholder: Paint(nil, [.dim]), .required: Paint(nil, [.bold]),
      .match: Paint(nil, [.underline, .bold]), .progressRest: Paint(nil, [.dim]),
      .buttonFocused: Paint(nil, [.reverse, .bold]), .link: Paint(nil, [.underline]),
    ],
    grounds: [
      .normal: Paint(), .selection: Paint(nil, [.reverse]),
      .selectionInactive: Paint(nil, [.bold]), .input: Paint(nil, [.underline]),
      .inputFocused: Paint(nil, [.underline, .bold]), .popup: Paint(),
      .bar: Paint(nil, [.reverse]), .error: Paint(nil, [.reverse, .bold]),
    ])
}
