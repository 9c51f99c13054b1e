-- What tells the file from other SQLite databases ("esdb"), and which schema it has.
PRAGMA application_id = 1702061154;
PRAGMA user_version = 1;
