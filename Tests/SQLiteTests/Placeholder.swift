// Placeholder until the first file of SQLiteTests lands.
