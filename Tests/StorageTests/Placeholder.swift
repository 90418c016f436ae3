// Placeholder until the first file of StorageTests lands.
