// Placeholder until the first file of ArchitectureTests lands.
