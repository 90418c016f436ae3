/* ncursesw for Swift: macros, globals and variadics as functions. No state lives here. */
#ifndef LISTKEEPER_CNCURSES_SHIM_H
#define LISTKEEPER_CNCURSES_SHIM_H
#define NCURSES_WIDECHAR 1
#include <langinfo.h>
#include <locale.h>
#include <ncursesw/curses.h>
#include <stdio.h>
#include <string.h>

static const attr_t NC_BOLD = A_BOLD;
static const attr_t NC_UNDERLINE = A_UNDERLINE;
static const attr_t NC_REVERSE = A_REVERSE;
static const attr_t NC_DIM = A_DIM;
static const attr_t NC_ITALIC = A_ITALIC;

/* Character classes and widths only; numbers keep the C locale's point. Without UTF-8 in the
   environment C.UTF-8 is used, which glibc always has. */
static inline int nc_use_utf8(void) {
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return 1;
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}
/* Declared in term.h, whose macros have the names of everything. */
extern int setupterm(const char *name, int descriptor, int *error);
/* 1 where the description of a terminal says that it shows any colour, though it counts fewer. */
static inline int nc_says_direct(const char *name) {
  int error;
  if (setupterm(name, 1, &error) != OK) return 0;
  char *sets = tigetstr("setrgbf");
  int says = tigetflag("RGB") == 1 || tigetflag("Tc") == 1 || (sets && sets != (char *)-1);
  return says && tigetnum("colors") < 0x1000000;
}
static inline SCREEN *nc_newterm(const char *name) { return newterm(name, stdout, stdin); }
static inline WINDOW *nc_screen(void) { return stdscr; }
static inline int nc_lines(void) { return LINES; }
static inline int nc_columns(void) { return COLS; }
static inline int nc_colors(void) { return COLORS; }
static inline int nc_pairs(void) { return COLOR_PAIRS; }
static inline int nc_set(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
  return setcchar(cell, text, attributes, 0, &pair);
}
static inline int nc_put(int y, int x, const cchar_t *cells, int count) {
  return mvwadd_wchnstr(stdscr, y, x, cells, count);
}
static inline int nc_doupdate(void) {
  wnoutrefresh(stdscr);
  return doupdate();
}
#endif
