-- Zones of an area, next to one another in a ring; of them only the spots say why they were deleted.
CREATE TABLE areas (
    id INTEGER PRIMARY KEY,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT
);

CREATE TABLE zones (
    id INTEGER PRIMARY KEY,
    area_id INTEGER NOT NULL,
    next_id INTEGER,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_operation TEXT,
    FOREIGN KEY (area_id) REFERENCES areas (id),
    FOREIGN KEY (next_id) REFERENCES zones (id)
);

CREATE TABLE spots (
    id INTEGER PRIMARY KEY,
    zone_id INTEGER NOT NULL,
    deleted_at TEXT,
    deleted_by INTEGER,
    deleted_reason TEXT,
    deleted_operation TEXT,
    FOREIGN KEY (zone_id) REFERENCES zones (id)
);
