-- People whose data can be erased, and the rows that must stay without it.
CREATE TABLE clerks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TEXT,
    deleted_operation TEXT
);

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    clerk_id INTEGER REFERENCES clerks (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    city TEXT NOT NULL,
    detached_clerk_id INTEGER,
    detached_clerk_id_operation TEXT,
    deleted_at TEXT,
    erased_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    CHECK (erased_at IS NULL OR deleted_at IS NOT NULL)
);
CREATE UNIQUE INDEX customers_email ON customers (email);

-- It goes with its customer.
CREATE TABLE baskets (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    deleted_at TEXT,
    deleted_operation TEXT
);

-- It is erased with its customer, and stays, overwritten.
CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    iban TEXT,
    amount INTEGER NOT NULL,
    deleted_at TEXT,
    erased_at TEXT,
    deleted_operation TEXT,
    CHECK (erased_at IS NULL OR deleted_at IS NOT NULL)
);

-- It stays as it is, without the name of its customer; that of its clerk is no matter of it.
CREATE TABLE bills (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    clerk_id INTEGER REFERENCES clerks (id),
    payer TEXT NOT NULL,
    amount INTEGER NOT NULL,
    detached_clerk_id INTEGER,
    detached_clerk_id_operation TEXT
);

-- Two ways lead to a customer.
CREATE TABLE parcels (
    id INTEGER PRIMARY KEY,
    bill_id INTEGER NOT NULL REFERENCES bills (id),
    sender_id INTEGER REFERENCES customers (id),
    recipient TEXT
);

-- It lets go of its customer.
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers (id),
    caller TEXT,
    detached_customer_id INTEGER,
    detached_customer_id_operation TEXT
);

-- It forbids the erasure of its customer while it is live.
CREATE TABLE loans (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    deleted_at TEXT
);
