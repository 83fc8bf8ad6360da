CREATE TABLE events (
    id uuid NOT NULL,
    happened_at timestamptz DEFAULT now() NOT NULL,
    contact_id bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL,
    PRIMARY KEY (id, happened_at),
    FOREIGN KEY (contact_id) REFERENCES crm.contacts (id) ON DELETE CASCADE
) PARTITION BY RANGE (happened_at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

CREATE TABLE bookings (
    room integer NOT NULL,
    during tstzrange NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE (version > 0)
);
ALTER TABLE bookings ADD CONSTRAINT bookings_room_version_key UNIQUE NULLS NOT DISTINCT (room, version);

CREATE VIEW crm.live_contacts AS
    SELECT id, email FROM crm.contacts WHERE deleted_at IS NULL
    WITH CASCADED CHECK OPTION;
CREATE MATERIALIZED VIEW company_sizes AS
    SELECT company_id, count(*) AS n FROM crm.contacts GROUP BY 1
    WITH NO DATA;

CREATE FUNCTION contact_count() RETURNS bigint LANGUAGE sql STABLE AS $body$
    SELECT count(*) FROM crm.contacts; -- all of them
$body$;
CREATE FUNCTION keep_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'contacts are never deleted';
END
$$;
CREATE TRIGGER keep BEFORE DELETE ON crm.contacts FOR EACH ROW EXECUTE FUNCTION keep_contacts();
ALTER TABLE crm.contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON crm.contacts USING (true);

COMMENT ON TABLE crm.contacts IS 'People; CREATE TABLE nothing (id int)';
INSERT INTO companies (name) VALUES ('A; DROP TABLE companies;');
GRANT SELECT ON companies TO PUBLIC;
