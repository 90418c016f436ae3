// Placeholder until the first file of Queue lands.
