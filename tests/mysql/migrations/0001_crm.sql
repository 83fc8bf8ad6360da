CREATE TABLE contacts (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(255) NOT NULL,
    name VARCHAR(255) NOT NULL,
    deleted_at TIMESTAMP NULL,
    deleted_by BIGINT,
    deleted_reason VARCHAR(255),
    deleted_operation CHAR(36),
    KEY contacts_email (email)
);

CREATE TABLE orders (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    total BIGINT NOT NULL,
    deleted_at TIMESTAMP NULL,
    FOREIGN KEY (contact_id) REFERENCES contacts (id)
);

-- Never soft-deletable.
CREATE TABLE countries (
    code CHAR(2) PRIMARY KEY,
    name VARCHAR(255) NOT NULL
);
