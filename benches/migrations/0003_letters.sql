CREATE TABLE letters (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text TEXT NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_operation UUID
);
CREATE INDEX letters_operation ON letters (deleted_operation);
CREATE TABLE enclosures (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    letter_id BIGINT NOT NULL REFERENCES letters (id),
    deleted_at TIMESTAMPTZ,
    deleted_by BIGINT,
    deleted_operation UUID
);
CREATE INDEX enclosures_letter ON enclosures (letter_id);
CREATE INDEX enclosures_operation ON enclosures (deleted_operation);
