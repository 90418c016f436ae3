// Placeholder until the first file of CommandsTests lands.
