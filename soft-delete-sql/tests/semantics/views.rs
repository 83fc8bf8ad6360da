//! §2.7 for views: filtered already, filterable from outside, or leaky.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, WithDeleted, on_more, scope, with_schema,
};

const VIEWS: &str = "
    CREATE VIEW v_scoped AS SELECT id, name FROM contacts WHERE deleted_at IS NULL;
    CREATE VIEW v_deleted AS SELECT id FROM contacts WHERE deleted_at IS NOT NULL;
    CREATE VIEW v_two AS SELECT c.id, c.deleted_at FROM contacts c JOIN orders o ON o.contact_id = c.id;
    CREATE VIEW v_nullable AS SELECT a.id, c.deleted_at FROM audit a LEFT JOIN contacts c ON c.id = a.contact_id;
    CREATE VIEW v_preserved AS SELECT c.id, c.deleted_at FROM contacts c LEFT JOIN audit a ON c.id = a.contact_id;
    CREATE VIEW v_distinct AS SELECT DISTINCT name, deleted_at FROM contacts;
    CREATE VIEW v_renamed (a, gone) AS SELECT id, deleted_at FROM contacts;
    CREATE VIEW v_moved AS SELECT id AS deleted_at, deleted_at AS d FROM contacts;
    CREATE VIEW v_twice AS SELECT deleted_at AS gone, id AS gone FROM contacts;
    CREATE VIEW v_custom AS SELECT id, deleted_at, status FROM articles;
    CREATE VIEW v_sub AS SELECT id FROM audit WHERE contact_id IN (SELECT id FROM contacts);
    CREATE VIEW v_derived AS SELECT x.id, x.deleted_at FROM (SELECT id, deleted_at FROM contacts) x;
    CREATE VIEW v_through AS SELECT id, deleted_at FROM contact_states;
    CREATE VIEW v_leaky AS SELECT id FROM contact_names;
    CREATE VIEW v_plain AS SELECT id FROM audit;";

#[test]
fn a_view_that_proves_a_scope_takes_none() {
    for &dialect in ALL {
        let on = on_more(dialect, VIEWS);
        for view in ["v_scoped", "v_deleted", "v_plain"] {
            let sql = format!("SELECT id FROM {view}");
            on.proves(&sql);
            on.refuses_as(&scope(Active), &sql, Code::MeaninglessScope, view);
        }
    }
}

#[test]
fn a_view_that_shows_its_marker_is_filtered_from_outside() {
    for &dialect in ALL {
        let on = on_more(dialect, VIEWS);
        for (view, marker) in [
            ("v_preserved", "deleted_at"),
            ("v_renamed", "gone"),
            ("v_moved", "d"),
            ("v_through", "deleted_at"),
        ] {
            let sql = format!("SELECT 1 FROM {view}");
            on.proves_nothing(&sql, view);
            on.becomes(&sql, &format!("{sql} WHERE {view}.{marker} IS NULL"));
            on.proves(&format!("{sql} WHERE {marker} IS NULL"));
        }
    }
}

#[test]
fn a_view_that_cannot_be_filtered_from_outside_is_leaky() {
    for &dialect in ALL {
        let on = on_more(dialect, VIEWS);
        for (view, why) in [
            ("v_two", "`contacts` and `orders`"),
            ("v_nullable", "`contacts`"),
            ("v_distinct", "`contacts`"),
            ("v_twice", "`contacts`"),
            ("v_custom", "`articles`"),
            ("v_sub", "`contacts`"),
            ("v_derived", "`contacts`"),
            ("v_leaky", "it reads `contact_names`"),
        ] {
            let sql = format!("SELECT 1 FROM {view}");
            for ask in [scope(Active), Ask::default()] {
                on.refuses_as(&ask, &sql, Code::LeakyView, view);
                let fault = on.check(&ask, &sql).errors.remove(0);
                assert!(fault.why.contains(why), "{}", fault.why);
            }
            on.gives(&scope(WithDeleted), &sql, &sql);
        }
    }
}

#[test]
fn what_is_written_through_a_view_is_protected_as_in_the_table() {
    let on = on_more(Postgres, VIEWS);
    for (sql, at) in [
        ("UPDATE v_renamed SET gone = NULL", "gone"),
        ("INSERT INTO v_renamed VALUES (1, now())", "now()"),
        ("INSERT INTO v_renamed (gone) VALUES (now())", "now()"),
        (
            "INSERT INTO v_renamed SELECT * FROM v_renamed WHERE gone IS NULL",
            "*",
        ),
    ] {
        on.refuses_as(&scope(Active), sql, Code::MarkerWritten, at);
    }
    on.becomes(
        "UPDATE v_renamed SET a = 1",
        "UPDATE v_renamed SET a = 1 WHERE v_renamed.gone IS NULL",
    );
    let sql = "INSERT INTO v_renamed VALUES (1, NULL)";
    on.becomes(sql, sql);
    for view in ["v_renamed", "v_sub", "v_scoped"] {
        let sql = format!("DELETE FROM {view}");
        on.refuses(&sql, Code::DeleteNeedsVerb, view);
    }
}

#[test]
fn views_that_read_each_other_are_leaky() {
    let ddl =
        "CREATE VIEW chicken AS SELECT id FROM egg; CREATE VIEW egg AS SELECT id FROM chicken;";
    let on = on_more(Sqlite, ddl);
    for view in ["chicken", "egg"] {
        on.refuses(&format!("SELECT id FROM {view}"), Code::LeakyView, view);
    }
}

#[test]
fn a_star_of_a_view_is_what_its_table_had_then() {
    let ddl = "CREATE VIEW stars AS SELECT * FROM people;
        ALTER TABLE people ADD COLUMN deleted_at TIMESTAMP NULL;
        ALTER TABLE people ADD COLUMN note TEXT;
        CREATE VIEW pairs AS SELECT p.*, s.note AS seen FROM people p JOIN seen s ON s.id = p.id;
        ALTER TABLE seen ADD COLUMN extra TEXT;";
    let ddl = format!(
        "CREATE TABLE seen (id INTEGER, note TEXT); CREATE TABLE people (id INTEGER, name TEXT); {ddl}"
    );
    for dialect in [Postgres, Mysql] {
        let on = on_more(dialect, &ddl);
        // The marker came later, so the view does not have it.
        on.refuses("SELECT id FROM stars", Code::LeakyView, "stars");
        on.becomes(
            "SELECT seen FROM pairs",
            "SELECT seen FROM pairs WHERE pairs.deleted_at IS NULL",
        );
        on.becomes(
            "SELECT * FROM audit a LEFT JOIN pairs USING (id)",
            "SELECT * FROM audit a LEFT JOIN (SELECT * FROM pairs WHERE pairs.deleted_at IS NULL) AS pairs USING (id)",
        );
    }
    let later = "CREATE VIEW seen_contacts AS SELECT * FROM contacts; ALTER TABLE contacts ADD COLUMN seen TEXT;";
    for dialect in [Postgres, Mysql] {
        on_more(dialect, later).becomes(
            "SELECT id FROM seen_contacts",
            "SELECT id FROM seen_contacts WHERE seen_contacts.deleted_at IS NULL",
        );
    }
    // SQLite reads the star anew.
    on_more(Sqlite, &ddl).becomes(
        "SELECT id FROM stars",
        "SELECT id FROM stars WHERE stars.deleted_at IS NULL",
    );
}

#[test]
fn an_upsert_through_a_view_of_what_is_leaky_is_refused() {
    let ddl = "CREATE FOREIGN TABLE far (id integer, email text) SERVER s OPTIONS (table_name 'contacts');
        CREATE VIEW nearer AS SELECT id, email FROM far;";
    let on = on_more(Postgres, ddl);
    on.proves("INSERT INTO nearer (id) VALUES (1)");
    on.refuses(
        "INSERT INTO nearer (id) VALUES (1) ON CONFLICT DO NOTHING",
        Code::ConflictCountsTombstones,
        "nearer",
    );
}

#[test]
fn the_first_fault_of_a_view_says_why_it_is_leaky() {
    let ddl = "CREATE VIEW lost AS SELECT 1 FROM nowhere JOIN elsewhere ON TRUE;";
    let fault = on_more(Postgres, ddl)
        .check(&scope(Active), "SELECT * FROM lost")
        .errors
        .remove(0);
    assert!(fault.why.contains("`nowhere`"), "{}", fault.why);
}

#[test]
fn a_view_over_a_leaky_view_is_as_leaky() {
    let ddl = format!(
        "{VIEWS} CREATE VIEW v_over AS SELECT a.id FROM audit a JOIN v_leaky l ON l.id = a.id;
         CREATE VIEW v_beside AS SELECT a.id FROM audit a JOIN v_scoped s ON s.id = a.id;"
    );
    for &dialect in ALL {
        let on = on_more(dialect, &ddl);
        on.refuses("SELECT id FROM v_over", Code::LeakyView, "v_over");
        on.refuses("DELETE FROM v_over", Code::DeleteNeedsVerb, "v_over");
        on.refuses("DELETE FROM v_beside", Code::DeleteNeedsVerb, "v_beside");
        on.proves("SELECT id FROM v_beside");
        on.proves("DELETE FROM v_plain");
    }
}

#[test]
fn a_view_that_may_hold_what_its_text_does_not_show_is_leaky() {
    let on = on_more(
        Postgres,
        "CREATE MATERIALIZED VIEW m_live AS SELECT id FROM contacts WHERE deleted_at IS NULL;
         CREATE MATERIALIZED VIEW m_all AS SELECT id, deleted_at FROM contacts;
         CREATE MATERIALIZED VIEW m_plain AS SELECT id FROM audit;
         CREATE FUNCTION friends() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM contacts $$;
         CREATE VIEW v_call AS SELECT friends() AS n;
         CREATE VIEW v_name AS SELECT y.contacts AS n FROM audit a;
         CREATE VIEW v_unknown AS SELECT * FROM nowhere;
         CREATE VIEW v_full AS SELECT a.id, c.deleted_at FROM contacts c FULL JOIN audit a ON a.id = c.id;
         CREATE VIEW v_part (a) AS SELECT id, deleted_at FROM contacts;",
    );
    for (view, why) in [
        ("m_live", "it is materialized"),
        ("m_all", "it is materialized"),
        ("v_call", "`friends`"),
        ("v_name", "`contacts`"),
        ("v_unknown", "`nowhere`"),
        ("v_full", "`contacts`"),
    ] {
        let sql = format!("SELECT 1 FROM {view}");
        on.refuses(&sql, Code::LeakyView, view);
        let fault = on.check(&Ask::default(), &sql).errors.remove(0);
        assert!(fault.why.contains(why), "{}", fault.why);
    }
    on.proves("SELECT id FROM m_plain");
    on.becomes(
        "SELECT a FROM v_part",
        "SELECT a FROM v_part WHERE v_part.deleted_at IS NULL",
    );
}

#[test]
fn a_view_over_no_soft_deletable_table_is_written_as_one_likes() {
    let on = on_more(Postgres, VIEWS);
    on.proves("DELETE FROM v_plain");
    on.proves("INSERT INTO v_plain (id) VALUES (1) ON CONFLICT DO NOTHING");
    on.refuses(
        "DELETE FROM contact_names",
        Code::DeleteNeedsVerb,
        "contact_names",
    );
}

#[test]
fn a_view_is_declared_in_the_configuration() {
    let tables = "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE VIEW every_contact AS SELECT id FROM contacts;";
    for &dialect in ALL {
        let sql = "SELECT id FROM every_contact";
        with_schema(dialect, tables, "").refuses(sql, Code::LeakyView, "every_contact");
        let declared = "[views.every_contact]\nscope = \"with_deleted\"";
        with_schema(dialect, tables, declared).proves(sql);
    }
}

#[test]
fn a_view_over_what_is_not_known_protects_nothing_and_is_no_table_of_an_upsert() {
    let on = with_schema(
        Postgres,
        "CREATE TABLE base (id INTEGER PRIMARY KEY);
         CREATE TABLE child (deleted_at TIMESTAMP) INHERITS (base);
         CREATE VIEW v_external AS SELECT e.x FROM ext e;
         CREATE VIEW v_base AS SELECT id FROM base;",
        "external = [\"ext\"]",
    );
    on.proves("UPDATE v_external SET x = 1");
    // It shows rows of the child as well.
    on.refuses(
        "INSERT INTO v_base (id) VALUES (1) ON CONFLICT DO NOTHING",
        Code::ConflictCountsTombstones,
        "v_base",
    );
}
