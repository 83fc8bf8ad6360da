--
-- PostgreSQL database dump
--

\restrict zqgkm4Jh9r3qaNc6eqg74OIKIVXZAVfUH3hm5pwd9C4VvCQf9sAket0qebowxoF

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: crm; Type: SCHEMA; Schema: -; Owner: postgres
--

CREATE SCHEMA crm;


ALTER SCHEMA crm OWNER TO postgres;

--
-- Name: email; Type: DOMAIN; Schema: crm; Owner: postgres
--

CREATE DOMAIN crm.email AS text NOT NULL
	CONSTRAINT email_check CHECK ((VALUE ~~ '%@%'::text));


ALTER DOMAIN crm.email OWNER TO postgres;

--
-- Name: stage; Type: TYPE; Schema: crm; Owner: postgres
--

CREATE TYPE crm.stage AS ENUM (
    'lead',
    'customer',
    'it''s over; DROP TABLE companies'
);


ALTER TYPE crm.stage OWNER TO postgres;

--
-- Name: contact_count(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.contact_count() RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT count(*) FROM crm.contacts; -- all of them
$$;


ALTER FUNCTION public.contact_count() OWNER TO postgres;

--
-- Name: keep_contacts(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.keep_contacts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'contacts are never deleted';
END
$$;


ALTER FUNCTION public.keep_contacts() OWNER TO postgres;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: contacts; Type: TABLE; Schema: crm; Owner: postgres
--

CREATE TABLE crm.contacts (
    id bigint NOT NULL,
    company_id bigint,
    email crm.email,
    stage crm.stage DEFAULT 'lead'::crm.stage,
    tags text[] DEFAULT ARRAY['new'::text, 'unread'::text] NOT NULL,
    "Display Name" text,
    score numeric(10,2) DEFAULT 0,
    deleted_at timestamp with time zone,
    deleted_by bigint,
    CONSTRAINT contacts_score CHECK ((score >= (0)::numeric))
);


ALTER TABLE crm.contacts OWNER TO postgres;

--
-- Name: TABLE contacts; Type: COMMENT; Schema: crm; Owner: postgres
--

COMMENT ON TABLE crm.contacts IS 'People; CREATE TABLE nothing (id int)';


--
-- Name: contacts_id_seq; Type: SEQUENCE; Schema: crm; Owner: postgres
--

ALTER TABLE crm.contacts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME crm.contacts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: live_contacts; Type: VIEW; Schema: crm; Owner: postgres
--

CREATE VIEW crm.live_contacts AS
 SELECT contacts.id,
    contacts.email
   FROM crm.contacts
  WHERE (contacts.deleted_at IS NULL)
  WITH CASCADED CHECK OPTION;


ALTER TABLE crm.live_contacts OWNER TO postgres;

--
-- Name: bookings; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.bookings (
    room integer NOT NULL,
    during tstzrange NOT NULL,
    version integer DEFAULT 0 NOT NULL
);


ALTER TABLE public.bookings OWNER TO postgres;

--
-- Name: companies; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.companies (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    vat_id text,
    deleted_at timestamp(3) with time zone
);


ALTER TABLE public.companies OWNER TO postgres;

--
-- Name: companies_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.companies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.companies_id_seq OWNER TO postgres;

--
-- Name: companies_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: postgres
--

ALTER SEQUENCE public.companies_id_seq OWNED BY public.companies.id;


--
-- Name: company_sizes; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.company_sizes AS
 SELECT contacts.company_id,
    count(*) AS n
   FROM crm.contacts
  GROUP BY contacts.company_id
  WITH NO DATA;


ALTER TABLE public.company_sizes OWNER TO postgres;

--
-- Name: events; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events (
    id uuid NOT NULL,
    happened_at timestamp with time zone DEFAULT now() NOT NULL,
    contact_id bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL
)
PARTITION BY RANGE (happened_at);


ALTER TABLE public.events OWNER TO postgres;

--
-- Name: events_2024; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.events_2024 (
    id uuid NOT NULL,
    happened_at timestamp with time zone DEFAULT now() NOT NULL,
    contact_id bigint NOT NULL,
    is_deleted boolean DEFAULT false NOT NULL
);


ALTER TABLE public.events_2024 OWNER TO postgres;

--
-- Name: events_2024; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_2024 FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');


--
-- Name: companies id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.companies ALTER COLUMN id SET DEFAULT nextval('public.companies_id_seq'::regclass);


--
-- Name: contacts contacts_pkey; Type: CONSTRAINT; Schema: crm; Owner: postgres
--

ALTER TABLE ONLY crm.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);


--
-- Name: bookings bookings_room_version_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_room_version_key UNIQUE NULLS NOT DISTINCT (room, version);


--
-- Name: companies companies_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (id);


--
-- Name: companies companies_vat_id_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.companies
    ADD CONSTRAINT companies_vat_id_key UNIQUE (vat_id);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id, happened_at);


--
-- Name: events_2024 events_2024_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.events_2024
    ADD CONSTRAINT events_2024_pkey PRIMARY KEY (id, happened_at);


--
-- Name: bookings no_overlap; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WHERE ((version > 0));


--
-- Name: contacts_email; Type: INDEX; Schema: crm; Owner: postgres
--

CREATE UNIQUE INDEX contacts_email ON crm.contacts USING btree (lower((email)::text)) WHERE (deleted_at IS NULL);


--
-- Name: contacts_tags_idx; Type: INDEX; Schema: crm; Owner: postgres
--

CREATE INDEX contacts_tags_idx ON crm.contacts USING gin (tags);


--
-- Name: events_2024_pkey; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.events_pkey ATTACH PARTITION public.events_2024_pkey;


--
-- Name: contacts keep; Type: TRIGGER; Schema: crm; Owner: postgres
--

CREATE TRIGGER keep BEFORE DELETE ON crm.contacts FOR EACH ROW EXECUTE FUNCTION public.keep_contacts();


--
-- Name: contacts contacts_company_id_fkey; Type: FK CONSTRAINT; Schema: crm; Owner: postgres
--

ALTER TABLE ONLY crm.contacts
    ADD CONSTRAINT contacts_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.companies(id) ON DELETE SET NULL;


--
-- Name: contacts contacts_deleted_by_fkey; Type: FK CONSTRAINT; Schema: crm; Owner: postgres
--

ALTER TABLE ONLY crm.contacts
    ADD CONSTRAINT contacts_deleted_by_fkey FOREIGN KEY (deleted_by) REFERENCES crm.contacts(id);


--
-- Name: events events_contact_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE public.events
    ADD CONSTRAINT events_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES crm.contacts(id) ON DELETE CASCADE;


--
-- Name: contacts; Type: ROW SECURITY; Schema: crm; Owner: postgres
--

ALTER TABLE crm.contacts ENABLE ROW LEVEL SECURITY;

--
-- Name: contacts everyone; Type: POLICY; Schema: crm; Owner: postgres
--

CREATE POLICY everyone ON crm.contacts USING (true);


--
-- Name: TABLE companies; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.companies TO PUBLIC;


--
-- PostgreSQL database dump complete
--

\unrestrict zqgkm4Jh9r3qaNc6eqg74OIKIVXZAVfUH3hm5pwd9C4VvCQf9sAket0qebowxoF

