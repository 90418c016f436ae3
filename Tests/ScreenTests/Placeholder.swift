// Placeholder until the first file of ScreenTests lands.
