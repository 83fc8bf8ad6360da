CREATE SCHEMA crm;

CREATE TYPE crm.stage AS ENUM ('lead', 'customer', 'it''s over; DROP TABLE companies');
CREATE DOMAIN crm.email AS text NOT NULL CHECK (VALUE LIKE '%@%');

CREATE TABLE companies (
    id bigserial PRIMARY KEY,
    name varchar(200) NOT NULL,
    vat_id text UNIQUE,
    deleted_at timestamp(3) with time zone
);

CREATE TABLE crm.contacts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id bigint REFERENCES companies ON DELETE SET NULL,
    email crm.email,
    stage crm.stage DEFAULT 'lead' NOT NULL,
    tags text[] DEFAULT ARRAY['new', 'unread']::text[] NOT NULL,
    "Display Name" text,
    score numeric(10, 2) DEFAULT 0,
    CONSTRAINT contacts_score CHECK (score >= 0)
);
CREATE UNIQUE INDEX contacts_email ON crm.contacts (lower(email)) WHERE "Display Name" IS NOT NULL;
