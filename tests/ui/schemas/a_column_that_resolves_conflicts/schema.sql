CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    email TEXT UNIQUE ON CONFLICT REPLACE,
    deleted_at TEXT
);
