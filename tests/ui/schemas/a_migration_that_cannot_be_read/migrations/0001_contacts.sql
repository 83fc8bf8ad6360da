CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    deleted_at TEXT
);

ALTER TABLE contacts FROBNICATE COLUMN id;
