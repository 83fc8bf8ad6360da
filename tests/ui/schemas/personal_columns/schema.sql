CREATE TABLE clerks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TEXT
);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    clerk_id INTEGER REFERENCES clerks (id),
    deleted_at TEXT,
    deleted_operation TEXT
);
CREATE UNIQUE INDEX customers_email ON customers (email);
CREATE TABLE bills (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    payer TEXT NOT NULL
);
