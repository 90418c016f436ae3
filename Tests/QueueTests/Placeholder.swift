// Placeholder until the first file of QueueTests lands.
