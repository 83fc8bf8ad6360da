CREATE TABLE orders (
    id         INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    item       TEXT NOT NULL,
    deleted_at TEXT
);
