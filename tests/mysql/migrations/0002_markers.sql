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

-- A live row is more than an unset marker.
CREATE TABLE articles (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(255) NOT NULL,
    status VARCHAR(20) NOT NULL,
    deleted_at TIMESTAMP NULL
);
