-- The tables of tests/cases/data/leaks.json that its lifecycle cases are about, with the columns that the
-- operations need.
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, name text, org_id int, deleted_at timestamp);
CREATE TABLE posts (id int PRIMARY KEY, author_id int NOT NULL REFERENCES users(id), title text NOT NULL, deleted_at timestamp);
CREATE TABLE comments (id int PRIMARY KEY, post_id int NOT NULL REFERENCES posts(id), body text, deleted_at timestamp);
CREATE TABLE sessions (token text PRIMARY KEY, user_id int NOT NULL REFERENCES users(id));
ALTER TABLE users ADD COLUMN deleted_operation text;
ALTER TABLE posts ADD COLUMN deleted_operation text;
ALTER TABLE comments ADD COLUMN deleted_operation text;
CREATE UNIQUE INDEX u_live ON users (email) WHERE deleted_at IS NULL;
