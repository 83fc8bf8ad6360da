-- The tables of tests/cases/data/leaks.json that its lifecycle cases are about, with the columns that the
-- operations need.
CREATE TABLE users (id int PRIMARY KEY, email varchar(191) NOT NULL, name varchar(191), org_id int, deleted_at timestamp);
CREATE TABLE posts (id int PRIMARY KEY, author_id int NOT NULL REFERENCES users(id), title varchar(191) NOT NULL, deleted_at timestamp);
CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL REFERENCES posts(id), body varchar(191), deleted_at timestamp);
CREATE TABLE sessions (token varchar(191) PRIMARY KEY, user_id int NOT NULL REFERENCES users(id));
ALTER TABLE users ADD COLUMN deleted_operation varchar(191);
ALTER TABLE posts ADD COLUMN deleted_operation varchar(191);
ALTER TABLE comments ADD COLUMN deleted_operation varchar(191);
ALTER TABLE users ADD COLUMN live_email varchar(191) AS (IF(deleted_at IS NULL, email, NULL)), ADD UNIQUE KEY u_live (live_email);
