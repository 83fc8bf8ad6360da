-- People whose data can be erased, and the rows that must stay without it.
CREATE TABLE clerks (
    id BIGINT PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    deleted_at TIMESTAMP(6) NULL,
    deleted_operation BINARY(16)
);

CREATE TABLE customers (
    id BIGINT PRIMARY KEY,
    clerk_id BIGINT,
    name VARCHAR(255) NOT NULL,
    email VARCHAR(255) NOT NULL,
    phone VARCHAR(255),
    city VARCHAR(255) NOT NULL,
    detached_clerk_id BIGINT,
    detached_clerk_id_operation BINARY(16),
    deleted_at TIMESTAMP(6) NULL,
    erased_at DATETIME(6) NULL,
    deleted_by BIGINT,
    deleted_reason VARCHAR(255),
    deleted_operation BINARY(16),
    FOREIGN KEY (clerk_id) REFERENCES clerks (id),
    CHECK (erased_at IS NULL OR deleted_at IS NOT NULL)
);
CREATE UNIQUE INDEX customers_email ON customers (email);

-- It goes with its customer.
CREATE TABLE baskets (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    deleted_at TIMESTAMP(6) NULL,
    deleted_operation BINARY(16),
    FOREIGN KEY (customer_id) REFERENCES customers (id)
);

-- It is erased with its customer, and stays, overwritten.
CREATE TABLE payments (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    iban VARCHAR(255),
    amount BIGINT NOT NULL,
    deleted_at TIMESTAMP(6) NULL,
    erased_at DATETIME(6) NULL,
    deleted_operation BINARY(16),
    FOREIGN KEY (customer_id) REFERENCES customers (id),
    CHECK (erased_at IS NULL OR deleted_at IS NOT NULL)
);

-- It stays as it is, without the name of its customer; that of its clerk is no matter of it.
CREATE TABLE bills (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    clerk_id BIGINT,
    payer VARCHAR(255) NOT NULL,
    amount BIGINT NOT NULL,
    detached_clerk_id BIGINT,
    detached_clerk_id_operation BINARY(16),
    FOREIGN KEY (customer_id) REFERENCES customers (id),
    FOREIGN KEY (clerk_id) REFERENCES clerks (id)
);

-- Two ways lead to a customer.
CREATE TABLE parcels (
    id BIGINT PRIMARY KEY,
    bill_id BIGINT NOT NULL,
    sender_id BIGINT,
    recipient VARCHAR(255),
    FOREIGN KEY (bill_id) REFERENCES bills (id),
    FOREIGN KEY (sender_id) REFERENCES customers (id)
);

-- It lets go of its customer.
CREATE TABLE calls (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT,
    caller VARCHAR(255),
    detached_customer_id BIGINT,
    detached_customer_id_operation BINARY(16),
    FOREIGN KEY (customer_id) REFERENCES customers (id)
);

-- It forbids the erasure of its customer while it is live.
CREATE TABLE loans (
    id BIGINT PRIMARY KEY,
    customer_id BIGINT NOT NULL,
    deleted_at TIMESTAMP(6) NULL,
    FOREIGN KEY (customer_id) REFERENCES customers (id)
);
