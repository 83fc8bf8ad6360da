-- A ring of web sites: rows of one table in a circle or a chain, which may also point at any other of them.
CREATE TABLE sites (
    id INTEGER PRIMARY KEY,
    next_id INTEGER,
    friend_id INTEGER,
    detached_friend_id INTEGER,
    detached_friend_id_operation TEXT,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (next_id) REFERENCES sites (id),
    FOREIGN KEY (friend_id) REFERENCES sites (id)
);

-- The same without an end: each has a next one, if only itself.
CREATE TABLE shifts (
    id INTEGER PRIMARY KEY,
    next_id INTEGER NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (next_id) REFERENCES shifts (id)
);
