CREATE TABLE soft_delete_audit (
    id INTEGER PRIMARY KEY,
    operation TEXT NOT NULL,
    run_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    marker TEXT,
    actor TEXT,
    reason TEXT,
    purged_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')),
    snapshot TEXT
);
CREATE INDEX soft_delete_audit_row ON soft_delete_audit (table_name, row_key);
