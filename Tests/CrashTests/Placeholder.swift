// Placeholder until the first file of CrashTests lands.
