// Placeholder until the first file of PeopleSourcesTests lands.
