// Placeholder until the first file of ScenarioTests lands.
