-- What the purge takes: a tree of tables, one of them with rows that reference their own.
CREATE TABLE shops (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    legal_hold BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    logo BLOB
);
CREATE TABLE shelves (
    id INTEGER PRIMARY KEY,
    shop_id INTEGER NOT NULL REFERENCES shops (id) ON DELETE CASCADE,
    inside INTEGER REFERENCES shelves (id) ON DELETE SET NULL,
    deleted_at TEXT
);
CREATE INDEX shelves_shop ON shelves (shop_id);
CREATE INDEX shelves_inside ON shelves (inside);
CREATE TABLE labels (
    shelf_id INTEGER NOT NULL REFERENCES shelves (id) ON DELETE CASCADE,
    word TEXT NOT NULL,
    deleted_at TEXT,
    PRIMARY KEY (shelf_id, word)
);
CREATE TABLE stickers (
    label_shelf INTEGER NOT NULL,
    label_word TEXT NOT NULL,
    FOREIGN KEY (label_shelf, label_word) REFERENCES labels (shelf_id, word) ON DELETE CASCADE
);

-- Keys and markers of other kinds.
CREATE TABLE tokens (
    digest BLOB NOT NULL PRIMARY KEY,
    deleted_at INTEGER
) WITHOUT ROWID;
