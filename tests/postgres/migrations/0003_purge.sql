-- What the purge takes: a tree of tables, one of them with rows that reference their own.
CREATE TABLE shops (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    legal_hold BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_reason TEXT,
    logo BYTEA
);
CREATE TABLE shelves (
    id BIGINT PRIMARY KEY,
    shop_id BIGINT NOT NULL REFERENCES shops (id) ON DELETE CASCADE,
    inside BIGINT REFERENCES shelves (id) ON DELETE SET NULL,
    deleted_at TIMESTAMPTZ
);
CREATE INDEX shelves_shop ON shelves (shop_id);
CREATE INDEX shelves_inside ON shelves (inside);
CREATE TABLE labels (
    shelf_id BIGINT NOT NULL REFERENCES shelves (id) ON DELETE CASCADE,
    word TEXT NOT NULL,
    deleted_at TIMESTAMP,
    PRIMARY KEY (shelf_id, word)
);
CREATE TABLE stickers (
    label_shelf BIGINT NOT NULL,
    label_word TEXT NOT NULL,
    FOREIGN KEY (label_shelf, label_word) REFERENCES labels (shelf_id, word) ON DELETE CASCADE
);

-- Keys and markers of other kinds; its rows have no place of their own in the whole.
CREATE TABLE tokens (
    digest BYTEA NOT NULL,
    region TEXT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (digest, region)
) PARTITION BY LIST (region);
CREATE TABLE tokens_north PARTITION OF tokens FOR VALUES IN ('north');
CREATE TABLE tokens_south PARTITION OF tokens FOR VALUES IN ('south');
