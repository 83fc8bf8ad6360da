CREATE TABLE companies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE,
    vat_id TEXT UNIQUE,
    deleted_at TEXT
);
CREATE TABLE contacts (
    id INTEGER NOT NULL,
    company_id INTEGER REFERENCES companies (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    email TEXT NOT NULL,
    "Display Name" TEXT DEFAULT ('no' || 'body'),
    is_deleted BOOLEAN NOT NULL DEFAULT FALSE,
    initial TEXT GENERATED ALWAYS AS (substr(email, 1, 1)) VIRTUAL,
    PRIMARY KEY (id),
    CONSTRAINT one_per_company UNIQUE (company_id, email)
    CHECK (length(email) > 3)
);
CREATE UNIQUE INDEX contacts_email ON contacts (lower(email)) WHERE NOT is_deleted;
CREATE INDEX [contacts by company] ON contacts (company_id DESC);
CREATE VIEW live_contacts (id, email) AS SELECT id, email FROM contacts WHERE NOT is_deleted;
CREATE VIRTUAL TABLE contact_search USING fts5(email, "Display Name", content='contacts', content_rowid='id');
CREATE TABLE memberships (
    contact_id INTEGER NOT NULL REFERENCES contacts,
    list TEXT NOT NULL,
    left_at,
    PRIMARY KEY (contact_id, list)
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY) STRICT;
CREATE TRIGGER keep_companies BEFORE DELETE ON companies
WHEN CASE OLD.name WHEN 'us' THEN 1 ELSE 0 END
BEGIN
    SELECT CASE WHEN OLD.deleted_at IS NULL THEN RAISE(ABORT, 'live; DROP TABLE companies;') END;
    DELETE FROM memberships WHERE contact_id = OLD.id;
END;
