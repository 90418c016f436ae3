// Placeholder until the first file of Sandbox lands.
