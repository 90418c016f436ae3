// True colours where the terminal says that it has them (COLORTERM), although its name promises 256:
// few systems have a description of such terminals, so this one is compiled in. What must stay true:
// the environment is as before once ncurses has read it.

import CNcurses
import Glibc

enum DirectColour {
  /// True for an xterm, or what calls itself one, that says it shows any colour.
  static func isPromised(_ environment: [String: String]) -> Bool {
    let says = environment["COLORTERM", default: ""].lowercased()
    return ["truecolor", "24bit"].contains(says)
      && environment["TERM", default: ""].hasPrefix("xterm")
      && environment["NO_COLOR", default: ""].isEmpty
  }

  /// Opens the screen with this description; nil where ncurses takes none from the environment.
  static func open() -> OpaquePointer? {
    let before = getenv("TERMINFO").map { String(cString: $0) }
    setenv("TERMINFO", "b64:" + entry, 1)
    defer {
      if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") }
    }
    return nc_newterm("listkeeper-direct")
  }

  /// What `tic -x` makes of xterm-256color without its keys, and with
  ///
  ///     listkeeper-direct|an xterm with direct colours, colors#0x1000000, pairs#0x10000, RGB,
  ///     setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;2;%p1%{65536}%/%d;
  ///           %p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
  ///
  /// and `setab` likewise with 4, 10 and 48: below sixteen are the terminal's own colours.
  private static let entry = """
    HgIvAB0ADwBxASUDbGlzdGtlZXBlci1kaXJlY3R8YW4geHRlcm0gd2l0aCBkaXJlY3QgY29sb3VycwAAAQAAAQAAAAAA\
    AAAAAQEAAAAAAAAAAQAAAAAAAVAAAAAIAAAAGAAAAP//////////////////////////////////////////////////\
    //8AAAABAAABAP////8AAAIA//8TABsAHwAjAP//LgA/AEEARQBMAP//TgBbAP//XwD//2MAZwD/////awBvAHQAeQD/\
    /4sAkAD/////lQCaAJ8ApACtALEAuAD//8oAzwDVAP/////////////////////bAP//////////////////////////\
    ////////////////////////////////////////////////////////////////3wDnAP//////////////////////\
    ////////////7wD///IA+wAEAQ0B//8WAR8BKAH//zEB////////////////OgH//////////04BUQFcAV8BYQFkAf//\
    ///////////////////////////////////BAf//////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ///////////////////////////////////////////////////////////////////////////////////////2AfsB\
    /////////////////////////////////////////////////////////////////////wIC////////////////////\
    //////////////8LAv//////////////////////////////////////////////////////////////////////////\
    /////xACIQL///////////////////////////////////////8zAqAC//////////////////8OAw0AG1slaSVwMSVk\
    OyVwMiVkcgAbW0gbWzJKABtbSwAbW0oAG1slaSVwMSVkRwAbWyVpJXAxJWQ7JXAyJWRIAAoAG1tIABtbPzI1bAAIABtb\
    PzEybBtbPzI1aAAbW0MAG1tBABtbUAAbW00AGygwABtbNW0AG1sxbQAbWz8xMDQ5aBtbMjI7MDswdAAbWzJtABtbNGgA\
    G1s3bQAbWzdtABtbNG0AG1slcDElZFgAGyhCABsoQhtbbQAbWz8xMDQ5bBtbMjM7MDswdAAbWzRsABtbMjdtABtbMjRt\
    ABtbTAAbWz8xbBs+ABtbPzFoGz0AG0UAG1slcDElZFAAG1slcDElZE0AG1slcDElZEIAG1slcDElZEAAG1slcDElZEwA\
    G1slcDElZEQAG1slcDElZEMAG1slcDElZEEAJXAxJWMbWyVwMiV7MX0lLSVkYgAbOAAbWyVpJXAxJWRkABs3AAoAG00A\
    JT8lcDkldBsoMCVlGyhCJTsbWzAlPyVwNiV0OzElOyU/JXA1JXQ7MiU7JT8lcDIldDs0JTslPyVwMSVwMyV8JXQ7NyU7\
    JT8lcDQldDs1JTslPyVwNyV0OzglO20AYGBhYWZmZ2dpaWpqa2tsbG1tbm5vb3BwcXFycnNzdHR1dXZ2d3d4eHl5enp7\
    e3x8fX1+fgAbWzFLABtbPzY5bAAbWzM5OzQ5bQAbWzNtABtbPzY5aBtbJWklcDElZHMAG1s/NjloG1slaTslcDElZHMA\
    G1slPyVwMSV7OH0lPCV0MyVwMSVkJWUlcDElezE2fSU8JXQ5JXAxJXs4fSUtJWQlZTM4OzI7JXAxJXs2NTUzNn0lLyVk\
    OyVwMSV7MjU2fSUvJXsyNTV9JSYlZDslcDElezI1NX0lJiVkJTttABtbJT8lcDElezh9JTwldDQlcDElZCVlJXAxJXsx\
    Nn0lPCV0MTAlcDElezh9JS0lZCVlNDg7MjslcDElezY1NTM2fSUvJWQ7JXAxJXsyNTZ9JS8lezI1NX0lJiVkOyVwMSV7\
    MjU1fSUmJWQlO20AG1s/NjloG1slaSVwMSVkOyVwMiVkcwAAAQAAAAAAAQAEAAEAAABSR0IA
    """
}
