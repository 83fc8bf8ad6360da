//! Dumps that the databases' own tools wrote from the migrations beside them must say the same.

use std::path::Path;

use super::{LITE, MY, PG, shape};
use crate::{
    Dialect,
    schema::{Config, Schema, from_path},
};

fn read(dialect: Dialect, name: &str) -> Schema {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    from_path(dialect, &path, &Config::default()).unwrap_or_else(|faults| {
        let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
        panic!("{}", texts.join("\n"))
    })
}

/// What does not depend on how the database spells types and defaults, in an order of its own.
fn essence(schema: &Schema) -> Vec<String> {
    let mut tables = Vec::new();
    for table in &schema.tables {
        let mut lines: Vec<String> = Vec::new();
        for column in &table.columns {
            lines.push(format!(
                "{} {} {}",
                column.name, column.nullable, column.generated
            ));
        }
        lines.push(format!(
            "{:?} {:?} {:?}",
            table.primary_key, table.marker, table.parents
        ));
        let mut keys: Vec<String> = Vec::new();
        for unique in &table.uniques {
            let columns: Vec<_> = unique.key.iter().map(std::mem::discriminant).collect();
            keys.push(format!(
                "{:?} {} {} {}",
                unique.name,
                columns.len(),
                unique.predicate.is_some(),
                unique.nulls_not_distinct
            ));
        }
        for foreign in &table.foreign_keys {
            keys.push(format!(
                "{:?} {:?} {} {:?}",
                foreign.name, foreign.columns, foreign.references, foreign.on_delete
            ));
        }
        for index in &table.indexes {
            keys.push(format!("{:?} {}", index.name, index.key.len()));
        }
        for attachment in &table.attachments {
            keys.push(format!("{:?} {}", attachment.kind, attachment.name));
        }
        keys.sort();
        lines.extend(keys);
        tables.push(format!("{}: {}", table.name, lines.join("; ")));
    }
    for view in &schema.views {
        tables.push(format!("view {} {}", view.name, view.materialized));
    }
    for function in &schema.functions {
        tables.push(format!("function {}", function.name));
    }
    tables.sort();
    tables
}

#[test]
fn pg_dump_says_what_the_migrations_say() {
    let migrations = read(PG, "postgres/migrations");
    assert_eq!(
        essence(&read(PG, "postgres/dump.sql")),
        essence(&migrations)
    );
    assert_eq!(
        shape(&migrations),
        "companies marked by deleted_at Timestamp
  id: bigserial not null generated
  name: varchar(200) not null
  vat_id: text
  deleted_at: timestamp(3) with time zone
  primary companies_pkey (id)
  unique constraint companies_vat_id_key (vat_id)
crm.contacts marked by deleted_at Timestamp
  id: bigint not null generated
  company_id: bigint
  email: crm.email not null
  stage: crm.stage = 'lead'
  tags: text[] not null = ARRAY['new', 'unread']::text[]
  Display Name: text
  score: numeric(10,2) = 0
  deleted_at: timestamptz
  deleted_by: bigint
  primary contacts_pkey (id)
  unique index contacts_email (<lower(email::text)>) where deleted_at IS NULL
  index contacts_tags_idx (tags)
  foreign contacts_company_id_fkey (company_id) -> companies () SetNull
  foreign contacts_deleted_by_fkey (deleted_by) -> crm.contacts (id) NoAction
  Trigger keep
  Policy everyone
events marked by is_deleted Boolean
  id: uuid not null
  happened_at: timestamptz not null = now()
  contact_id: bigint not null
  is_deleted: boolean not null = false
  primary events_pkey (id, happened_at)
  foreign events_contact_id_fkey (contact_id) -> crm.contacts (id) Cascade
events_2024 marked by is_deleted Boolean below events
  id: uuid not null
  happened_at: timestamptz not null = now()
  contact_id: bigint not null
  is_deleted: boolean not null = false
  primary events_2024_pkey (id, happened_at)
  foreign events_contact_id_fkey (contact_id) -> crm.contacts (id) Cascade
bookings
  room: integer not null
  during: tstzrange not null
  version: integer not null = 0
  unique index no_overlap (<during WITH &&>) where version > 0
  unique constraint bookings_room_version_key (room, version) nulls equal
"
    );
}

#[test]
fn sqlites_schema_says_what_the_migrations_say() {
    let migrations = read(LITE, "sqlite/migrations");
    let shadows = |lines: Vec<String>| -> Vec<String> {
        let own =
            |line: &String| !line.starts_with("contact_search_") && !line.starts_with("sqlite_");
        lines.into_iter().filter(own).collect()
    };
    for dump in ["sqlite/schema.sql", "sqlite/dump.sql"] {
        assert_eq!(
            shadows(essence(&read(LITE, dump))),
            essence(&migrations),
            "{dump}"
        );
    }
    assert_eq!(
        shape(&migrations),
        "contacts marked by is_deleted Boolean
  id: integer not null generated
  company_id: integer
  email: text not null
  display name: text = ('no' || 'body')
  is_deleted: boolean not null = FALSE
  initial: text generated
  primary - (id)
  unique constraint one_per_company (company_id, email)
  unique index contacts_email (<lower(email)>) where NOT is_deleted
  index contacts by company (company_id)
  foreign - (company_id) -> companies (id) SetNull
contact_search and more virtual
  email:
  display name:
memberships marked by deletion_date Timestamp
  contact_id: integer not null
  list: text not null
  deletion_date:
  primary - (contact_id, list)
  foreign - (contact_id) -> contacts () NoAction
settings
  name: text not null
  value: any
  primary - (name)
companies marked by deleted_at Timestamp
  id: integer not null generated
  name: text not null
  vat_id: text
  country: text not null = 'DE'
  deleted_at: text
  primary - (id)
  unique constraint - (vat_id)
"
    );
}

#[test]
fn mysqldump_says_what_the_migrations_say() {
    let migrations = read(MY, "mysql/migrations");
    assert_eq!(essence(&read(MY, "mysql/dump.sql")), essence(&migrations));
    assert_eq!(
        shape(&migrations),
        "companies marked by deleted_at Timestamp
  id: bigint unsigned not null generated
  name: varchar(200) not null
  vat_id: varchar(32) = NULL
  stage: enum('lead','it''s, over') not null = 'lead'
  changed_at: timestamp not null = current_timestamp()
  deleted_at: datetime(6) = NULL
  primary primary (id)
  unique constraint vat_id (vat_id)
  index by_name (name, deleted_at)
  Trigger keep_companies
people marked by is_deleted Boolean
  given_name: varchar(80)
  id: bigint unsigned not null generated
  company_id: bigint unsigned
  email: varchar(200) not null
  note: text
  order: bigint not null = 1
  is_deleted: tinyint(1) not null = 0
  last: varchar(50) not null
  primary primary (id)
  unique constraint email (email)
  unique constraint by_company (company_id, email)
  foreign contacts_company (company_id) -> companies (id) SetNull
logs marked by deleted_at Timestamp
  id: bigint unsigned not null generated
  name: varchar(200) not null
  vat_id: varchar(32) = NULL
  stage: enum('lead','it''s, over') not null = 'lead'
  changed_at: timestamp not null = current_timestamp()
  deleted_at: datetime(6) = NULL
  primary primary (id)
  unique constraint vat_id (vat_id)
  index by_name (name, deleted_at)
seats marked by deletion_date Timestamp
  person_id: bigint unsigned not null
  position: int not null
  deletion_date: date
  primary primary (person_id, position)
  foreign seats_ibfk_1 (person_id) -> people (id) Cascade
"
    );
}
