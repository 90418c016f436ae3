// Placeholder until the first file of HTTPTests lands.
