-- Shops and shelves whose foreign key refuses: a purge walks through them.
CREATE TABLE barns (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    deleted_at TIMESTAMPTZ
);
CREATE TABLE stalls (
    id BIGINT PRIMARY KEY,
    shop_id BIGINT NOT NULL REFERENCES barns (id)
);
CREATE INDEX stalls_shop ON stalls (shop_id);
