// Placeholder until the first file of EngineTests lands.
