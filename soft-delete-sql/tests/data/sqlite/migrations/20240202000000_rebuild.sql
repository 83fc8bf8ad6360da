-- What SQLite cannot alter is rebuilt: new table, copy, drop, rename.
PRAGMA foreign_keys = OFF;
CREATE TABLE companies_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    vat_id TEXT UNIQUE,
    country TEXT NOT NULL DEFAULT 'DE',
    deleted_at TEXT
);
INSERT INTO companies_new (id, name, vat_id, deleted_at) SELECT id, name, vat_id, deleted_at FROM companies;
DROP TABLE companies;
ALTER TABLE companies_new RENAME TO companies;
ALTER TABLE memberships RENAME COLUMN left_at TO deletion_date;
ALTER TABLE contacts ADD COLUMN note TEXT;
ALTER TABLE contacts DROP COLUMN note;
