// Draws on a canvas and gives the picture, for comparison with one in the source.

import Screen

func buffer(
  _ width: Int, _ height: Int, glyphs: Glyphs = .unicode, _ draw: (inout Canvas) -> Void
) -> CellBuffer {
  var canvas = Canvas(Size(width, height), glyphs: glyphs)
  draw(&canvas)
  return canvas.finish()
}

func picture(
  _ width: Int, _ height: Int, glyphs: Glyphs = .unicode, _ draw: (inout Canvas) -> Void
) -> String {
  buffer(width, height, glyphs: glyphs, draw).picture
}

extension CellBuffer {
  /// A letter for the ground of every cell of a row: `.` normal, `S` selection, `I` input.
  func grounds(_ y: Int) -> String {
    row(y).map { cell in
      switch cell.ground {
      case .normal: "."
      case .selection: "S"
      case .selectionInactive: "s"
      case .input: "i"
      case .inputFocused: "I"
      case .popup: "P"
      case .bar: "B"
      case .error: "E"
      }
    }.joined()
  }
}
