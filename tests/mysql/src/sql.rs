//! What this dialect writes in its own way.

pub(crate) const SEED: &str = "
    INSERT INTO contacts (id, email, name, deleted_at) VALUES
        (1, 'ada@example.org', 'Ada', NULL),
        (2, 'bob@example.org', 'Bob', '2026-01-02 03:04:05'),
        (3, 'cyd@example.org', 'Cyd', NULL),
        (4, 'dan@example.org', 'Dan', '2026-01-02 03:04:05');
";

pub(crate) const ACTIVE_BY_NAME: &str =
    "SELECT id, name, deleted_at FROM contacts WHERE deleted_at IS NULL AND name = ?";

pub(crate) const RECORDS: &str = "SELECT name, deleted_by, deleted_reason, deleted_operation \
     FROM contacts WHERE deleted_operation IS NOT NULL ORDER BY id";

pub(crate) const SOFT_DELETE: &str = "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP, \
     deleted_by = ?, deleted_reason = ?, deleted_operation = ? \
     WHERE deleted_at IS NULL AND (name = ? AND id >= ?)";

pub(crate) const PURGE: &str = "DELETE FROM contacts WHERE deleted_at IS NOT NULL AND (name = ?)";
