CREATE TABLE sqlite_sequence(name,seq);
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
CREATE VIEW live_contacts (id, email) AS SELECT id, email FROM contacts WHERE NOT is_deleted
/* live_contacts(id,email) */;
CREATE VIRTUAL TABLE contact_search USING fts5(email, "Display Name", content='contacts', content_rowid='id')
/* contact_search(email,"Display Name") */;
CREATE TABLE IF NOT EXISTS 'contact_search_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE IF NOT EXISTS 'contact_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS 'contact_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE IF NOT EXISTS 'contact_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
CREATE TABLE memberships (
    contact_id INTEGER NOT NULL REFERENCES contacts,
    list TEXT NOT NULL,
    deletion_date,
    PRIMARY KEY (contact_id, list)
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY) STRICT;
CREATE TABLE IF NOT EXISTS "companies" (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    vat_id TEXT UNIQUE,
    country TEXT NOT NULL DEFAULT 'DE',
    deleted_at TEXT
);
