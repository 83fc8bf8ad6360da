CREATE TABLE contacts (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    deleted_at timestamptz
);
CREATE TABLE audit_log (
    id bigint PRIMARY KEY,
    line text NOT NULL
);
CREATE FUNCTION contact_count() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM contacts $$;
