-- A UUID key and a marker of another name.
CREATE TABLE documents (
    id BINARY(16) PRIMARY KEY,
    title VARCHAR(255) NOT NULL,
    removed_on TIMESTAMP NULL,
    deleted_by BINARY(16),
    deleted_operation BINARY(16)
);

-- A boolean marker.
CREATE TABLE tasks (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(255) NOT NULL,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE
);

-- An integer marker.
CREATE TABLE products (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    sku VARCHAR(255) NOT NULL,
    deleted INT NOT NULL DEFAULT 0
);

-- A key of live rows: what MySQL has for a partial one.
CREATE TABLE accounts (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL,
    deleted_at TIMESTAMP NULL,
    live TINYINT AS (IF(deleted_at IS NULL, 1, NULL)),
    UNIQUE KEY accounts_email (email, live)
);

-- A live row is more than an unset marker.
CREATE TABLE articles (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(255) NOT NULL,
    status VARCHAR(20) NOT NULL,
    deleted_at TIMESTAMP NULL
);
