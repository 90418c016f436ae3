// Placeholder until the first file of DomainTests lands.
