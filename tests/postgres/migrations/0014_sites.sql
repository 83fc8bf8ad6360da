-- A ring of web sites: rows of one table in a circle or a chain, which may also point at any other of them.
CREATE TABLE sites (
    id BIGINT PRIMARY KEY,
    next_id BIGINT,
    friend_id BIGINT,
    detached_friend_id BIGINT,
    detached_friend_id_operation UUID,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    FOREIGN KEY (next_id) REFERENCES sites (id),
    FOREIGN KEY (friend_id) REFERENCES sites (id)
);

-- The same without an end: each has a next one, if only itself.
CREATE TABLE shifts (
    id BIGINT PRIMARY KEY,
    next_id BIGINT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    deleted_operation UUID,
    FOREIGN KEY (next_id) REFERENCES shifts (id)
);
