// Placeholder until the first file of SandboxTests lands.
