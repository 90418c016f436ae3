// Placeholder until the first file of Curses lands.
