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
CREATE TABLE projects (
    id bigint PRIMARY KEY,
    deleted_at timestamptz
);
CREATE TABLE tasks (
    id bigint PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES projects (id)
);
CREATE TABLE teams (
    id bigint PRIMARY KEY,
    deleted_at timestamptz,
    deleted_operation uuid
);
CREATE TABLE seats (
    id bigint PRIMARY KEY,
    team_id bigint NOT NULL REFERENCES teams (id)
);
CREATE TABLE owners (
    id bigint PRIMARY KEY
);
CREATE TABLE docs (
    id bigint PRIMARY KEY,
    owner_id bigint NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    deleted_at timestamptz
);
CREATE TABLE letters (
    id bigint PRIMARY KEY,
    deleted_at timestamptz
);
CREATE RULE letters_delete AS ON DELETE TO letters
    DO INSTEAD UPDATE letters SET deleted_at = now() WHERE id = OLD.id;
CREATE TABLE memos (
    id bigint PRIMARY KEY,
    author text NOT NULL,
    deleted_at timestamptz
);
ALTER TABLE memos ENABLE ROW LEVEL SECURITY;
CREATE POLICY memos_own ON memos USING (author = current_user AND deleted_at IS NULL);
