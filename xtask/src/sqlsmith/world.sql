-- Eight tables with every kind of marker, one that only looks soft-deletable, and one without.
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    age INTEGER,
    boss INTEGER,
    deleted_at TIMESTAMP
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    person INTEGER,
    total NUMERIC(10, 2),
    placed DATE,
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    person INTEGER,
    body TEXT,
    pinned BOOLEAN,
    deleted_at TIMESTAMPTZ
);
CREATE TABLE items (
    id INTEGER PRIMARY KEY,
    order_id INTEGER,
    label TEXT,
    quantity INTEGER,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE docs (
    id INTEGER PRIMARY KEY,
    title TEXT,
    size BIGINT,
    status TEXT DEFAULT 'open',
    deleted_at TIMESTAMP
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    doc INTEGER,
    path TEXT,
    uploaded TIMESTAMP,
    removed_at TIMESTAMP
);
CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    word TEXT,
    weight NUMERIC(10, 2)
);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    what TEXT,
    person INTEGER,
    deleted_at TIMESTAMP
);
CREATE INDEX orders_person ON orders (person) WHERE is_deleted = FALSE;
CREATE INDEX notes_person ON notes (person);
CREATE INDEX items_order ON items (order_id) WHERE removed = 0;
CREATE INDEX files_doc ON files (doc) WHERE removed_at IS NULL;
CREATE VIEW current_people AS SELECT id, name, age, boss FROM people WHERE deleted_at IS NULL;
CREATE VIEW all_notes AS SELECT id, person, body, pinned, deleted_at FROM notes;
