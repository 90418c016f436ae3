// True colours where the terminal says that it has them (COLORTERM, or its description), although its
// name promises 256: few systems have a description of such terminals, so two are compiled in. What
// must stay true: the environment is as before once ncurses has read it.

import CNcurses
import Foundation

enum DirectColour {
  /// Which of the descriptions holds for a terminal; nil where it promises no more than its name.
  /// COLORTERM is inherited by whatever runs inside: tmux shows what it says, or the nearest there
  /// is; screen of most systems does not, so its description must say so.
  static func entry(_ environment: [String: String], saysDirect: (String) -> Bool) -> String? {
    let name = environment["TERM", default: ""]
    guard environment["NO_COLOR", default: ""].isEmpty else { return nil }
    let isPromised =
      ["truecolor", "24bit"].contains(environment["COLORTERM", default: ""].lowercased())
    let isInTmux = !environment["TMUX", default: ""].isEmpty
    if name.hasPrefix("xterm") { return isPromised || saysDirect(name) ? xterm : nil }
    guard name.hasPrefix("tmux") || name.hasPrefix("screen") else { return nil }
    let isTmux = name.hasPrefix("tmux") || isInTmux
    return isPromised && isTmux || saysDirect(name) ? multiplexer : nil
  }

  /// Opens the screen with the description that holds; nil where none does, or where ncurses takes
  /// none from the environment.
  static func open(_ environment: [String: String]) -> OpaquePointer? {
    guard let entry = entry(environment, saysDirect: { nc_says_direct($0) == 1 }) else {
      return nil
    }
    let name = entry == xterm ? "listkeeper-direct" : "listkeeper-screen"
    let lean = Data(base64Encoded: entry).flatMap { LeanDescription([UInt8]($0)) }
    return lean?.open(as: name) ?? LeanDescription.open(entry, as: name)
  }

  /// What `tic -x` makes of xterm-256color without its keys, and with
  ///
  ///     listkeeper-direct|an xterm with direct colours, colors#0x1000000, pairs#0x10000, RGB,
  ///     setaf=\E[%?%p1%{8}%<%t3%p1%d%e%p1%{16}%<%t9%p1%{8}%-%d%e38;2;%p1%{65536}%/%d;
  ///           %p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m,
  ///
  /// and `setab` likewise with 4, 10 and 48: below sixteen are the terminal's own colours.
  static let xterm = """
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

  /// The same without what tmux and screen lack: erasing in the background's colour, repeating,
  /// erasing characters, margins.
  static let multiplexer = """
    HgI1AA8ADwBpAa8CbGlzdGtlZXBlci1zY3JlZW58dG11eCBvciBzY3JlZW4gd2l0aCBkaXJlY3QgY29sb3VycwAAAQAA\
    AQAAAAAAAAAAAQFQAAAACAAAABgAAAD/////////////////////////////////////////////////////AAAAAQAA\
    AQD/////AAACAP//EwAbAB8AIwD//y4APwBBAEUATAD//04AVQD//1kA//9dAGEA/////2UAaQBuAHMA//98AIEA////\
    /4YAiwCQAP//lQCZAKAA//+pAK4AtAD/////////////////////ugD/////////////////////////////////////\
    /////////////////////////////////////////////////////74AxgD/////////////////////////////////\
    /84A///RANoA4wDsAP//9QD+AAcB//8QAf////////////////////////////8ZARwBJwEqASwBLwH/////////////\
    ////////////////////////jAH/////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////wQH/////////////\
    ///////////////////////////////////////////////////////////GAf//////////////////////////////\
    ////zwH/////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////1AFBAg0AG1slaSVwMSVkOyVwMiVkcgAbW0gbWzJKABtbSwAbW0oA\
    G1slaSVwMSVkRwAbWyVpJXAxJWQ7JXAyJWRIAAoAG1tIABtbPzI1bAAIABtbPzI1aAAbW0MAG1tBABtbUAAbW00AGygw\
    ABtbNW0AG1sxbQAbWz8xMDQ5aAAbWzJtABtbNGgAG1s3bQAbWzdtABtbNG0AGyhCABsoQhtbbQAbWz8xMDQ5bAAbWzRs\
    ABtbMjdtABtbMjRtABtbTAAbWz8xbBs+ABtbPzFoGz0AG0UAG1slcDElZFAAG1slcDElZE0AG1slcDElZEIAG1slcDEl\
    ZEAAG1slcDElZEwAG1slcDElZEQAG1slcDElZEMAG1slcDElZEEAGzgAG1slaSVwMSVkZAAbNwAKABtNACU/JXA5JXQb\
    KDAlZRsoQiU7G1swJT8lcDYldDsxJTslPyVwNSV0OzIlOyU/JXAyJXQ7NCU7JT8lcDElcDMlfCV0OzclOyU/JXA0JXQ7\
    NSU7JT8lcDcldDs4JTttAGBgYWFmZmdnaWlqamtrbGxtbW5ub29wcHFxcnJzc3R0dXV2dnd3eHh5eXp6e3t8fH19fn4A\
    G1sxSwAbWzM5OzQ5bQAbWzNtABtbJT8lcDElezh9JTwldDMlcDElZCVlJXAxJXsxNn0lPCV0OSVwMSV7OH0lLSVkJWUz\
    ODsyOyVwMSV7NjU1MzZ9JS8lZDslcDElezI1Nn0lLyV7MjU1fSUmJWQ7JXAxJXsyNTV9JSYlZCU7bQAbWyU/JXAxJXs4\
    fSU8JXQ0JXAxJWQlZSVwMSV7MTZ9JTwldDEwJXAxJXs4fSUtJWQlZTQ4OzI7JXAxJXs2NTUzNn0lLyVkOyVwMSV7MjU2\
    fSUvJXsyNTV9JSYlZDslcDElezI1NX0lJiVkJTttAAABAAAAAAABAAQAAQAAAFJHQgA=
    """
}
