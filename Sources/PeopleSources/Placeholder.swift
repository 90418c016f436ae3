// Placeholder until the first file of PeopleSources lands.
