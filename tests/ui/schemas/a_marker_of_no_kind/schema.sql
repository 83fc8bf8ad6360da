CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    name TEXT,
    deleted_at TEXT NOT NULL
);
