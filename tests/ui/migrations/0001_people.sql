CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    deleted_at TEXT
);
CREATE UNIQUE INDEX contacts_email ON contacts (email) WHERE deleted_at IS NULL;

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    total INTEGER NOT NULL,
    deleted_at TEXT
);

-- Its marker is a flag.
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE
);

-- No marker.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY,
    line TEXT NOT NULL
);

-- Its unique key counts deleted rows.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    deleted_at TEXT
);

-- Live by more than its marker: soft-delete.toml.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    deleted_at TEXT
);

-- Its references cascade: soft-delete.toml.
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_operation TEXT
);
CREATE TABLE invoices (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    deleted_at TEXT,
    deleted_operation TEXT
);

-- It records who, why and under which operation.
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT
);

CREATE VIEW contact_names AS SELECT count(*) AS n, name FROM contacts GROUP BY name;

-- Its references restrict, and no column says which operation a row was deleted by.
CREATE TABLE shelves (
    id INTEGER PRIMARY KEY,
    deleted_at TEXT
);
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    shelf_id INTEGER NOT NULL REFERENCES shelves (id)
);

-- Who deletes a row must be said: soft-delete.toml.
CREATE TABLE employees (
    id INTEGER PRIMARY KEY,
    deleted_at TEXT,
    deleted_by INTEGER
);

-- No primary key.
CREATE TABLE visits (
    page TEXT NOT NULL,
    deleted_at TEXT
);
