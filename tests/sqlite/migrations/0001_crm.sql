CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT
);
CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    total INTEGER NOT NULL,
    deleted_at TEXT
);

-- Never soft-deletable.
CREATE TABLE countries (
    code TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL
);
