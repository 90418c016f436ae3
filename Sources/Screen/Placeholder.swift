// Placeholder until the first file of Screen lands.
