CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    deleted_at TEXT
);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_operation TEXT
);
CREATE INDEX customers_operation ON customers (deleted_operation);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    total INTEGER NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_operation TEXT
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE INDEX orders_operation ON orders (deleted_operation);
CREATE TABLE parcels (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_operation TEXT
);
CREATE INDEX parcels_order ON parcels (order_id);
CREATE INDEX parcels_operation ON parcels (deleted_operation);
