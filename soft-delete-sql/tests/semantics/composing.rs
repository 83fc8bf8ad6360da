//! §2.7: what a query passes on of the columns of those inside it.

use crate::setup::{ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, on, scope};

#[track_caller]
fn passes(dialects: &[crate::setup::Dialect], inner: &str) {
    for &dialect in dialects {
        on(dialect).proves(&format!(
            "SELECT 1 FROM ({inner}) x WHERE x.deleted_at IS NULL"
        ));
    }
}

#[track_caller]
fn passes_nothing(dialects: &[crate::setup::Dialect], inner: &str) {
    for &dialect in dialects {
        on(dialect).proves_nothing(
            &format!("SELECT 1 FROM ({inner}) x WHERE x.deleted_at IS NULL"),
            "contacts",
        );
    }
}

#[test]
fn one_select_of_columns_passes_the_marker_on() {
    for inner in [
        "(SELECT id, deleted_at FROM contacts)",
        "SELECT c.*, a.* FROM contacts c, audit a",
        "SELECT * FROM contacts c JOIN audit a USING (id)",
        "SELECT * FROM contacts c NATURAL JOIN audit a",
        "SELECT * FROM audit a NATURAL JOIN contacts c",
    ] {
        passes(ALL, inner);
    }
}

#[test]
fn a_select_that_does_more_passes_nothing_on() {
    for inner in [
        "WITH y AS (SELECT 1) SELECT id, deleted_at FROM contacts",
        "SELECT id, deleted_at FROM contacts HAVING count(*) > 1",
        "SELECT id, deleted_at FROM contacts WINDOW w AS (ORDER BY id)",
        "(SELECT id, deleted_at FROM contacts) LIMIT 1",
        "SELECT id, line AS deleted_at FROM audit UNION ALL SELECT id, deleted_at FROM contacts",
        "SELECT id, deleted_at FROM contacts UNION ALL SELECT id, line FROM audit",
        "SELECT c.* FROM contacts c, orders c",
        "SELECT * FROM contacts c JOIN orders o USING (deleted_at)",
        "SELECT * FROM contacts c NATURAL JOIN orders o",
    ] {
        passes_nothing(ALL, inner);
    }
    // A row of NULLs stands for a deleted one here: the test outside keeps it.
    passes_nothing(
        &[Postgres, Sqlite],
        "SELECT a.id, c.deleted_at FROM contacts c FULL JOIN audit a ON a.id = c.id",
    );
    passes_nothing(
        &[Postgres, Mysql],
        "SELECT id, deleted_at FROM contacts FOR UPDATE",
    );
    passes_nothing(
        &[Postgres],
        "SELECT DISTINCT ON (id) id, deleted_at FROM contacts",
    );
    passes_nothing(&[Postgres], "TABLE contacts");
}

#[test]
fn a_column_list_renames_by_position() {
    for &dialect in ALL {
        on(dialect).proves(
            "WITH x (a, gone) AS (SELECT id, deleted_at FROM contacts) SELECT a FROM x WHERE gone IS NULL",
        );
        // Here it is the id, or not known.
        for list in ["deleted_at, b", "deleted_at", "a, b, c, deleted_at"] {
            on(dialect).proves_nothing(
                &format!("WITH x ({list}) AS (SELECT id, deleted_at FROM contacts) SELECT 1 FROM x WHERE deleted_at IS NULL"),
                "contacts",
            );
        }
    }
}

#[test]
fn a_recursive_cte_passes_nothing_on() {
    for &dialect in ALL {
        on(dialect).proves_nothing(
            "WITH RECURSIVE t AS (SELECT id, deleted_at FROM contacts UNION ALL SELECT t.id, t.deleted_at FROM t) SELECT id FROM t WHERE t.deleted_at IS NULL",
            "contacts",
        );
        on(dialect).proves(
            "WITH RECURSIVE t AS (SELECT id, deleted_at FROM contacts WHERE deleted_at IS NULL UNION ALL SELECT t.id, t.deleted_at FROM t) SELECT id FROM t",
        );
    }
    on(Postgres).proves_nothing(
        "WITH RECURSIVE x AS (SELECT id, deleted_at FROM contacts UNION ALL SELECT id, deleted_at FROM x) SEARCH DEPTH FIRST BY id SET o SELECT 1 FROM x WHERE deleted_at IS NULL",
        "contacts",
    );
}

#[test]
fn what_has_no_marker_beside_a_table_leaves_its_marker_alone() {
    for &dialect in ALL {
        for beside in ["(VALUES (1)) v", "(SELECT 1 AS a) v", "audit v"] {
            on(dialect).proves(&format!(
                "SELECT 1 FROM contacts c, {beside} WHERE deleted_at IS NULL"
            ));
        }
        on(dialect).refuses(
            "SELECT 1 FROM contacts c, (SELECT 1 AS deleted_at) v WHERE deleted_at IS NULL",
            Code::AmbiguousMarker,
            "deleted_at",
        );
    }
    on(Postgres).refuses(
        "SELECT 1 FROM contacts c, (VALUES (1)) AS v (deleted_at) WHERE deleted_at IS NULL",
        Code::AmbiguousMarker,
        "deleted_at",
    );
}

#[test]
fn the_rows_of_a_union_have_a_marker_where_each_arm_has_it() {
    let model = Ask {
        model: true,
        ..scope(Active)
    };
    for &dialect in ALL {
        for sql in [
            "SELECT id, line AS deleted_at FROM audit UNION ALL SELECT id, deleted_at FROM contacts",
            "SELECT id, deleted_at FROM contacts UNION ALL SELECT id, line FROM audit",
            "SELECT id, deleted_at FROM contacts UNION ALL SELECT id FROM audit",
            "SELECT id, deleted_at FROM contacts UNION ALL SELECT deleted_at, id FROM contacts",
        ] {
            on(dialect).refuses_as(&model, sql, Code::MarkerNotSelected, "");
        }
    }
}

#[test]
fn a_lock_names_no_table_again() {
    on(Postgres).proves("SELECT id FROM contacts c WHERE c.deleted_at IS NULL FOR UPDATE OF c");
    on(Postgres).proves(
        "SELECT a.id FROM audit a WHERE a.id = 1 AND EXISTS (SELECT 1 FROM contacts WHERE deleted_at IS NULL FOR SHARE OF contacts)",
    );
}

#[test]
fn the_body_of_a_recursive_cte_is_looked_into() {
    for &dialect in ALL {
        on(dialect).becomes(
            "WITH RECURSIVE x AS (WITH y AS (SELECT id FROM contacts) SELECT id FROM y UNION SELECT id FROM x) SELECT 1 FROM x",
            "WITH RECURSIVE x AS (WITH y AS (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL) SELECT id FROM y UNION SELECT id FROM x) SELECT 1 FROM x",
        );
        on(dialect).proves_nothing(
            "WITH RECURSIVE x AS (SELECT 1 AS a UNION SELECT a FROM x ORDER BY (SELECT max(id) FROM contacts)) SELECT 1 FROM x",
            "contacts",
        );
        on(dialect).proves("WITH x (contacts) AS (SELECT 1) SELECT 1 FROM x");
        on(dialect).proves("SELECT 1 AS contacts");
        // The second of the list, and the last of several tables.
        on(dialect).proves(
            "WITH a AS (SELECT 1 AS id), b AS (SELECT id, deleted_at FROM contacts) SELECT 1 FROM b WHERE deleted_at IS NULL",
        );
    }
}

#[test]
fn only_a_compound_body_of_sqlite_recurses_without_the_word() {
    let compound =
        "WITH contacts AS (SELECT 1 AS id UNION SELECT id FROM contacts) SELECT id FROM contacts";
    on(Sqlite).proves(compound);
    on(Postgres).proves_nothing(compound, "contacts");
    on(Mysql).proves_nothing(compound, "contacts");
    on(Sqlite).proves_nothing(
        "WITH contacts AS (SELECT id FROM contacts) SELECT id FROM contacts",
        "contacts",
    );
}

#[test]
fn a_qualified_star_is_that_of_its_table() {
    for &dialect in ALL {
        on(dialect)
            .proves("SELECT 1 FROM (SELECT contacts.* FROM contacts) x WHERE deleted_at IS NULL");
        on(dialect).proves(
            "SELECT 1 FROM (SELECT a.*, c.* FROM contacts c, audit a) x WHERE deleted_at IS NULL",
        );
        on(dialect).proves(
            "SELECT 1 FROM (SELECT id, deleted_at, 1 + (2) AS n FROM contacts) x WHERE x.deleted_at IS NULL",
        );
        on(dialect).proves_nothing(
            "SELECT 1 FROM (SELECT a.* FROM contacts c, audit a) x WHERE x.deleted_at IS NULL",
            "contacts",
        );
    }
    on(Postgres).proves(
        "SELECT 1 FROM (SELECT public.contacts.* FROM public.contacts) x WHERE deleted_at IS NULL",
    );
}
