-- What the purge takes: a tree of tables, one of them with rows that reference their own.
CREATE TABLE shops (
    id BIGINT PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    legal_hold BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at DATETIME(6),
    deleted_by BIGINT,
    deleted_reason VARCHAR(255),
    logo BLOB
);
CREATE TABLE shelves (
    id INT UNSIGNED PRIMARY KEY,
    shop_id BIGINT NOT NULL,
    inside INT UNSIGNED,
    deleted_at TIMESTAMP NULL,
    FOREIGN KEY (shop_id) REFERENCES shops (id) ON DELETE CASCADE,
    FOREIGN KEY (inside) REFERENCES shelves (id) ON DELETE SET NULL
);
CREATE TABLE labels (
    shelf_id INT UNSIGNED NOT NULL,
    word VARCHAR(40) CHARACTER SET latin1 NOT NULL,
    deleted_at DATETIME,
    PRIMARY KEY (shelf_id, word),
    FOREIGN KEY (shelf_id) REFERENCES shelves (id) ON DELETE CASCADE
);
CREATE TABLE stickers (
    label_shelf INT UNSIGNED NOT NULL,
    label_word VARCHAR(40) CHARACTER SET latin1 NOT NULL,
    FOREIGN KEY (label_shelf, label_word) REFERENCES labels (shelf_id, word) ON DELETE CASCADE
);

-- Keys and markers of other kinds.
CREATE TABLE tokens (
    digest VARBINARY(32) NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (digest)
);
CREATE TABLE words (
    word VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY,
    deleted_at DATETIME
);
