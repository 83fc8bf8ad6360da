CREATE TABLE contacts (
    id         INTEGER PRIMARY KEY,
    email      TEXT NOT NULL,
    name       TEXT NOT NULL,
    deleted_at TEXT
);
CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;
