-- One table for each fact.
CREATE TABLE users (
    id bigint PRIMARY KEY,
    email text NOT NULL UNIQUE,
    deleted_at timestamptz
);
CREATE TABLE members (
    id bigint PRIMARY KEY,
    email text NOT NULL,
    deleted_at timestamptz,
    CONSTRAINT members_email UNIQUE (email, deleted_at)
);
CREATE TABLE flags (
    id bigint PRIMARY KEY,
    is_deleted boolean
);
CREATE TABLE customers (
    id bigint PRIMARY KEY,
    deleted_at timestamptz
);
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id),
    deleted_at timestamptz
);
CREATE TABLE notes (
    id bigint PRIMARY KEY,
    customer_id bigint REFERENCES customers (id) ON DELETE SET NULL
);
