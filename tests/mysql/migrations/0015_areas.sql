-- Zones of an area, next to one another in a ring; of them only the spots say why they were deleted.
CREATE TABLE areas (
    id BIGINT PRIMARY KEY,
    deleted_at TIMESTAMP(6) NULL,
    deleted_by BIGINT,
    deleted_reason VARCHAR(255),
    deleted_operation BINARY(16)
);

CREATE TABLE zones (
    id BIGINT PRIMARY KEY,
    area_id BIGINT NOT NULL,
    next_id BIGINT,
    deleted_at TIMESTAMP(6) NULL,
    deleted_by BIGINT,
    deleted_operation BINARY(16),
    FOREIGN KEY (area_id) REFERENCES areas (id),
    FOREIGN KEY (next_id) REFERENCES zones (id)
);

CREATE TABLE spots (
    id BIGINT PRIMARY KEY,
    zone_id BIGINT NOT NULL,
    deleted_at TIMESTAMP(6) NULL,
    deleted_by BIGINT,
    deleted_reason VARCHAR(255),
    deleted_operation BINARY(16),
    FOREIGN KEY (zone_id) REFERENCES zones (id)
);
