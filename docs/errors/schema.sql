-- The tables of the examples on these pages.
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    org_id INTEGER,
    deleted_at TIMESTAMP
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    total INTEGER NOT NULL,
    deleted_at TIMESTAMP
);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER,
    line TEXT NOT NULL
);
