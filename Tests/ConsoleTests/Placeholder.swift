// Placeholder until the first file of ConsoleTests lands.
