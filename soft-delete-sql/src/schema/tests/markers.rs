use super::{LITE, MY, PG, config, read, refused};
use crate::{
    Dialect,
    schema::{Marker, MarkerKind, from_sql},
};

fn marker(dialect: Dialect, column: &str) -> (MarkerKind, bool) {
    let schema = read(dialect, &format!("CREATE TABLE t (id int, {column})"));
    let marker = schema.tables[0].marker.clone().unwrap();
    (marker.kind, marker.nullable)
}

#[test]
fn the_type_decides_how_a_column_marks() {
    use MarkerKind::{Boolean, Integer, Timestamp};
    for (dialect, column, expected) in [
        (PG, "deleted_at timestamptz", (Timestamp, true)),
        (
            PG,
            "deleted_at timestamp(3) DEFAULT NULL::timestamp without time zone",
            (Timestamp, true),
        ),
        (PG, "deleted_at bigint", (Timestamp, true)),
        (PG, "deleted_at text DEFAULT NULL", (Timestamp, true)),
        (
            PG,
            "is_deleted boolean NOT NULL DEFAULT false",
            (Boolean, false),
        ),
        (PG, "is_deleted bool", (Boolean, true)),
        (
            PG,
            "is_deleted smallint NOT NULL DEFAULT 0",
            (Integer, false),
        ),
        (PG, "deleted_at int8 NOT NULL DEFAULT 0", (Integer, false)),
        (LITE, "deleted_at", (Timestamp, true)),
        (LITE, "deleted_at DATETIME", (Timestamp, true)),
        (LITE, "deletion_date INTEGER", (Timestamp, true)),
        (
            LITE,
            "is_deleted BOOLEAN NOT NULL DEFAULT 0",
            (Boolean, false),
        ),
        (
            LITE,
            "is_deleted INTEGER NOT NULL DEFAULT 0",
            (Integer, false),
        ),
        (MY, "deleted_at datetime(6) DEFAULT NULL", (Timestamp, true)),
        (
            MY,
            "is_deleted tinyint(1) NOT NULL DEFAULT 0",
            (Boolean, false),
        ),
        (MY, "is_deleted bit(1) NOT NULL", (Boolean, false)),
        (
            MY,
            "is_deleted tinyint(4) NOT NULL DEFAULT 0",
            (Integer, false),
        ),
        (
            MY,
            "deleted_at int(10) unsigned NOT NULL DEFAULT 0",
            (Integer, false),
        ),
    ] {
        assert_eq!(marker(dialect, column), expected, "{column}");
    }
}

#[test]
fn a_column_that_cannot_mark_names_its_cure() {
    assert_eq!(
        refused(PG, "CREATE TABLE t (deleted_at timestamptz NOT NULL)", ""),
        "the marker `t.deleted_at` is neither boolean nor integer and is NOT NULL, so no value of it means live [SD038]

  help: let it be NULL in a migration, so that NULL means live; or say in soft-delete.toml what a live row is, or that the column marks nothing:
        [tables.t]
        active = \"…\"  # the SQL condition of a live row
        soft_deletable = false"
    );
    for (column, what) in [
        (
            "deleted_at timestamptz DEFAULT now()",
            "defaults to now(), so that every new row would be deleted",
        ),
        (
            "is_deleted int DEFAULT 0",
            "may be NULL and defaults to 0: which of both means live is not said",
        ),
        (
            "is_deleted int",
            "may be NULL: whether 0 or NULL means live is not said",
        ),
    ] {
        let text = refused(PG, &format!("CREATE TABLE t ({column})"), "");
        assert!(text.contains(what), "{column}\n{text}");
    }
    let text = refused(PG, "CREATE TABLE t AS SELECT false AS is_deleted", "");
    assert!(
        text.contains("has a type that cannot be told from the migrations"),
        "{text}"
    );
}

#[test]
fn the_first_name_of_the_list_that_the_table_has_is_its_marker() {
    let sql = r#"CREATE TABLE t (is_deleted boolean NOT NULL, deleted_at timestamptz, "deletedAt" timestamptz)"#;
    let marker = |toml: &str| {
        let schema = from_sql(PG, sql, &config(toml)).unwrap();
        schema.tables[0]
            .marker
            .as_ref()
            .map(|marker| marker.column.clone())
    };
    assert_eq!(marker("").as_deref(), Some("deleted_at"));
    assert_eq!(
        marker("markers = [\"is_deleted\", \"deleted_at\"]").as_deref(),
        Some("is_deleted")
    );
    assert_eq!(
        marker("markers = [\"deletedAt\"]").as_deref(),
        Some("deletedAt")
    );
    assert_eq!(
        marker("markers = [\"Deleted_At\"]").as_deref(),
        Some("deleted_at")
    );
    assert_eq!(
        marker("[tables.t]\nmarker = \"is_deleted\"").as_deref(),
        Some("is_deleted")
    );
    assert_eq!(marker("[tables.t]\nsoft_deletable = false"), None);
    assert_eq!(marker("markers = [\"gone\"]"), None);
}

#[test]
fn a_custom_condition_makes_any_column_a_marker() {
    let schema = from_sql(
        PG,
        "CREATE TABLE t (status text NOT NULL, deleted_at timestamptz NOT NULL DEFAULT 'infinity')",
        &config("[tables.t]\nactive = \"deleted_at = 'infinity' AND status <> 'archived'\""),
    )
    .unwrap();
    assert_eq!(
        schema.tables[0].marker,
        Some(Marker {
            column: "deleted_at".into(),
            kind: MarkerKind::Timestamp,
            nullable: false,
            active: Some("deleted_at = 'infinity' AND status <> 'archived'".into()),
        })
    );
}

#[test]
fn a_condition_is_about_the_columns_of_its_table() {
    let sql = "CREATE TABLE docs (status text, removed_at timestamptz, legal_hold boolean)";
    let refused = |key: &str, condition: &str| {
        let config = format!("[tables.docs]\nmarker = \"removed_at\"\n{key} = \"{condition}\"");
        refused(PG, sql, &config)
    };
    for key in ["active", "hold"] {
        assert_eq!(
            refused(key, "remove_at IS NULL"),
            format!(
                "soft-delete.toml:1: `{key}` of `docs` is no condition on its rows [SD032]

   why: `remove_at IS NULL`: it names no column of `docs`
  help: did you mean `removed_at`?"
            )
        );
    }
    for (condition, why, help) in [
        (
            "removed_at IS NULL AND (",
            "a `(` is never closed",
            "close it",
        ),
        (
            "removed_at IS NULL) OR (TRUE",
            "a `)` closes what was never opened",
            "take it out",
        ),
        (
            "removed_at IS NULL; DROP",
            "`;` would end the statement",
            "leave it out",
        ),
        (
            "removed_at, status",
            "it has more than one expression",
            "join them with AND",
        ),
        (
            "status = $1",
            "nothing is bound to its placeholder `$1`",
            "write the value",
        ),
        (
            "EXISTS (SELECT 1 WHERE removed_at IS NULL)",
            "a subquery would read other rows than the one that is judged",
            "use the columns of `docs` alone",
        ),
        (
            "docs.removed_at IS NULL",
            "`docs` stands in front of a column",
            "write the columns alone: a statement may give the table an alias",
        ),
        (
            "removed_at IS NULL -- live",
            "a comment stands in it",
            "write comments in soft-delete.toml with `#`, outside of the string",
        ),
        (
            "TRUE",
            "it names no column of `docs`",
            "its columns: status, removed_at, legal_hold",
        ),
        (
            "removed_at = 'infinity",
            "unterminated string",
            "end what was opened",
        ),
    ] {
        assert_eq!(
            refused("active", condition),
            format!(
                "soft-delete.toml:1: `active` of `docs` is no condition on its rows [SD032]

   why: `{condition}`: {why}
  help: {help}"
            )
        );
    }
    for condition in [
        "coalesce(removed_at, 'infinity') > now() - INTERVAL '1 day'",
        "(removed_at IS NULL)",
        "status NOT IN ('a', 'b') AND removed_at AT TIME ZONE 'UTC' > TIMESTAMP WITH TIME ZONE 'epoch'",
        "status = 'a;b -- c $1 ('",
    ] {
        from_sql(
            PG,
            sql,
            &config(&format!(
                "[tables.docs]\nmarker = \"removed_at\"\nactive = \"{condition}\""
            )),
        )
        .unwrap();
    }
}

#[test]
fn settings_must_fit_the_schema() {
    let sql = "CREATE TABLE customers (id int, removed_at timestamptz); CREATE VIEW v AS SELECT 1;";
    assert_eq!(
        refused(
            PG,
            sql,
            "[tables.customer]\nretention = \"1 day\"\n[tables.customers]\nmarker = \"removed_on\"\nreferences = { order = \"keep\" }\n[views.w]\nscope = \"active\"\n[functions.f]\nreads = \"nothing\""
        ),
        "soft-delete.toml:1: no migration creates the table `customer` [SD032]

  help: did you mean `customers`?
soft-delete.toml:3: no migration creates the table `order` [SD032]

  help: no table of the schema references it: leave the entry out
`customers` has no column `removed_on`, its marker [SD032]

  help: did you mean `removed_at`?
soft-delete.toml:6: no migration creates the view `w` [SD032]

  help: did you mean `v`?
soft-delete.toml:8: no migration creates the function `f` [SD032]"
    );
    assert_eq!(
        refused(PG, sql, "[tables.customers]\nsoft_deletable = true"),
        "`customers` is said to be soft-deletable and has none of the columns deleted_at, is_deleted, deletion_date, deletedAt, isDeleted, deletionDate [SD032]

  help: name the column in soft-delete.toml:
        [tables.customers]
        marker = \"…\"  # one of id, removed_at"
    );
}

#[test]
fn a_key_that_replaces_rows_silently_is_refused_where_rows_are_soft_deleted() {
    let sql = "CREATE TABLE t (\n  id INTEGER PRIMARY KEY,\n  email TEXT UNIQUE ON CONFLICT REPLACE,\n  deleted_at TEXT\n);";
    assert_eq!(
        refused(LITE, sql, ""),
        "line 1: a key of `t` says ON CONFLICT REPLACE or IGNORE [SD037]

   why: an INSERT that meets a soft-deleted row would silently destroy that row, or do nothing
  help: leave the clause out, and say ON CONFLICT in the statements that mean it; or accept it in soft-delete.toml:
        [tables.t]
        accept = [\"conflict_clause\"]"
    );
    from_sql(
        LITE,
        sql,
        &config("[tables.t]\naccept = [\"conflict_clause\"]"),
    )
    .unwrap();
    from_sql(LITE, sql, &config("markers = [\"gone\"]")).unwrap();
    for key in [
        "PRIMARY KEY ON CONFLICT IGNORE",
        "TEXT, UNIQUE (a) ON CONFLICT REPLACE",
        "TEXT, PRIMARY KEY (a) ON CONFLICT IGNORE",
    ] {
        let text = refused(LITE, &format!("CREATE TABLE t (deleted_at, a {key})"), "");
        assert!(text.contains("[SD037]"), "{key}");
    }
    read(
        LITE,
        "CREATE TABLE t (deleted_at, a UNIQUE ON CONFLICT ABORT, b NOT NULL ON CONFLICT REPLACE)",
    );
}
