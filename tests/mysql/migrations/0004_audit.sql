CREATE TABLE soft_delete_audit (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    operation VARCHAR(16) NOT NULL,
    run_id CHAR(36) NOT NULL,
    table_name VARCHAR(130) NOT NULL,
    row_key VARCHAR(1024) NOT NULL,
    marker VARCHAR(64),
    actor TEXT,
    reason TEXT,
    purged_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    snapshot JSON,
    KEY soft_delete_audit_row (table_name, row_key(64))
) CHARACTER SET utf8mb4;
