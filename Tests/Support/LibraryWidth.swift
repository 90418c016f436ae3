// What the C library says of a character's width, for the test that ours agrees.

import CSystem

/// Cells in C.UTF-8; nil for controls and characters the library does not know.
package func libraryWidth(of scalar: Unicode.Scalar) -> Int? {
  let width = lk_character_width(scalar.value)
  return width < 0 ? nil : Int(width)
}
