// Placeholder until the first file of TerminalTests lands.
