-- A UUID key and a marker of another name.
CREATE TABLE documents (
    id BLOB PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    removed_on TEXT,
    deleted_by BLOB,
    deleted_operation BLOB
);

-- A boolean marker.
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE
);

-- An integer marker.
CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    sku TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
);

-- A live row is more than an unset marker.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    deleted_at TEXT
);
