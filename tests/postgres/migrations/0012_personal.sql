-- People whose data can be erased, and the rows that must stay without it.
CREATE TABLE clerks (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_operation UUID
);

CREATE TABLE customers (
    id BIGINT PRIMARY KEY,
    clerk_id BIGINT REFERENCES clerks (id),
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    city TEXT NOT NULL,
    detached_clerk_id BIGINT,
    detached_clerk_id_operation UUID,
    deleted_at TIMESTAMPTZ,
    erased_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    CHECK (erased_at IS NULL OR deleted_at IS NOT NULL)
);
CREATE UNIQUE INDEX customers_email ON customers (email);

-- It goes with its customer.
CREATE TABLE baskets (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    deleted_at TIMESTAMPTZ,
    deleted_operation UUID
);

-- It is erased with its customer, and stays, overwritten.
CREATE TABLE payments (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    iban TEXT,
    amount BIGINT NOT NULL,
    deleted_at TIMESTAMPTZ,
    erased_at TIMESTAMPTZ,
    deleted_operation UUID,
    CHECK (erased_at IS NULL OR deleted_at IS NOT NULL)
);

-- It stays as it is, without the name of its customer; that of its clerk is no matter of it.
CREATE TABLE bills (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    clerk_id BIGINT REFERENCES clerks (id),
    payer TEXT NOT NULL,
    amount BIGINT NOT NULL,
    detached_clerk_id BIGINT,
    detached_clerk_id_operation UUID
);

-- Two ways lead to a customer.
CREATE TABLE parcels (
    id BIGINT PRIMARY KEY,
    bill_id BIGINT NOT NULL REFERENCES bills (id),
    sender_id BIGINT REFERENCES customers (id),
    recipient TEXT
);

-- It lets go of its customer.
CREATE TABLE calls (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT REFERENCES customers (id),
    caller TEXT,
    detached_customer_id BIGINT,
    detached_customer_id_operation UUID
);

-- It forbids the erasure of its customer while it is live.
CREATE TABLE loans (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL REFERENCES customers (id),
    deleted_at TIMESTAMPTZ
);
