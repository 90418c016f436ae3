// Placeholder until the first file of Console lands.
