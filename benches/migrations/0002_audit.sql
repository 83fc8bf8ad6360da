CREATE TABLE soft_delete_audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation TEXT NOT NULL,
    run_id UUID NOT NULL,
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    marker TEXT,
    actor TEXT,
    reason TEXT,
    purged_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    snapshot JSONB
);
CREATE INDEX soft_delete_audit_row ON soft_delete_audit (table_name, row_key);
