CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    name TEXT,
    is_deleted BOOLEAN
);
