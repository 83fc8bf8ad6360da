-- no-transaction
ALTER TABLE crm.contacts
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN deleted_by bigint REFERENCES crm.contacts (id),
    ALTER COLUMN stage DROP NOT NULL;
ALTER TABLE crm.contacts RENAME COLUMN removed_at TO deleted_at;
DROP INDEX crm.contacts_email;
CREATE UNIQUE INDEX CONCURRENTLY contacts_email ON crm.contacts (lower(email::text)) WHERE deleted_at IS NULL;
CREATE INDEX ON crm.contacts USING gin (tags);
