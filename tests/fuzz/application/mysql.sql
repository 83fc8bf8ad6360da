CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(50) NOT NULL, deleted_at DATETIME NULL);
CREATE TABLE contacts (id BIGINT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(50) NOT NULL, name VARCHAR(50), user_id BIGINT, deleted_at DATETIME NULL, deleted_by BIGINT, deleted_operation CHAR(36));
CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, contact_id BIGINT, total INTEGER, is_deleted BOOLEAN NOT NULL DEFAULT FALSE, FOREIGN KEY (contact_id) REFERENCES contacts (id));
CREATE TABLE files (id BIGINT PRIMARY KEY, path VARCHAR(50), is_deleted INTEGER NOT NULL DEFAULT 0);
CREATE TABLE articles (id BIGINT PRIMARY KEY, title VARCHAR(50), status VARCHAR(9) NOT NULL, deleted_at DATETIME NULL);
CREATE TABLE audit (id BIGINT PRIMARY KEY, contact_id BIGINT, line VARCHAR(50));
CREATE VIEW buyers AS SELECT c.id FROM contacts c JOIN orders o ON o.contact_id = c.id;
CREATE VIEW states AS SELECT id, name, deleted_at FROM contacts;
CREATE VIEW live AS SELECT id, name FROM contacts WHERE deleted_at IS NULL;
