//! DESIGN §2: a model row type carries its table's marker exactly once.

use crate::setup::{
    ALL, Active, Ask, Code, Mysql, Postgres, Sqlite, WithDeleted, on, on_more, scope, with_schema,
};

fn model() -> Ask {
    Ask {
        model: true,
        ..scope(Active)
    }
}

#[track_caller]
fn yields(sql: &str, table: &str) {
    for &dialect in ALL {
        let scoped = on(dialect).check(&model(), sql).scoped;
        let model = scoped.and_then(|scoped| scoped.model);
        let model = model.unwrap_or_else(|| panic!("{dialect}: no model in {sql}"));
        assert_eq!((&*model.table, &*model.marker), (table, "deleted_at"));
    }
}

/// The message, and the place and the help it comes with.
#[track_caller]
fn refuses(sql: &str, at: &str, message: &str, help: &str) {
    for &dialect in ALL {
        on(dialect).refuses_as(&model(), sql, Code::MarkerNotSelected, at);
        let fault = on(dialect).check(&model(), sql).errors.remove(0);
        assert!(fault.message.contains(message), "{}", fault.message);
        assert!(fault.help.contains(help), "{}", fault.help);
    }
}

#[test]
fn the_marker_of_the_model_is_selected_once() {
    yields("SELECT * FROM contacts", "contacts");
    yields("SELECT *, (SELECT 1) FROM contacts", "contacts");
    yields("SELECT * FROM (SELECT * FROM contacts) s", "contacts");
    yields(
        "SELECT c.* FROM contacts c JOIN orders o ON o.contact_id = c.id",
        "contacts",
    );
    yields(
        "SELECT c.*, o.deleted_at AS gone FROM contacts c JOIN orders o ON o.contact_id = c.id",
        "contacts",
    );
    yields(
        "SELECT id, deleted_at FROM contacts UNION ALL SELECT id, deleted_at FROM contacts",
        "contacts",
    );
}

#[test]
fn a_bare_star_over_several_relations_does_not_say_which_row_is_meant() {
    for sql in [
        "SELECT * FROM contacts c, audit a",
        "SELECT 1, * FROM contacts c JOIN audit a ON a.contact_id = c.id",
    ] {
        refuses(sql, "*", "several relations", "`c.*`");
    }
    let sql = "SELECT * FROM contacts c JOIN orders o ON o.contact_id = c.id";
    refuses(sql, "*", "several relations", "`c.*` or `o.*`");
}

#[test]
fn a_second_column_of_the_markers_name_could_be_decoded_in_its_place() {
    for second in ["1 AS deleted_at", "deleted_at + 1"] {
        let sql = format!("SELECT c.*, {second} FROM contacts c");
        let at = format!("c.*, {second}");
        refuses(&sql, &at, "two columns", "another name");
    }
    refuses(
        "SELECT c.*, o.deleted_at FROM contacts c JOIN orders o ON o.contact_id = c.id",
        "c.*, o.deleted_at",
        "`contacts.deleted_at` and `orders.deleted_at`",
        "another name",
    );
}

#[test]
fn mariadb_calls_the_columns_of_values_by_the_text_of_the_first_row() {
    // MariaDB 10.11. MySQL wants ROW there, which MariaDB does not know, and counts the columns.
    for (row, named) in [
        ("('deleted_at')", true),
        ("(1, 'deleted' '_at')", true),
        ("(DATE(deleted_at))", true),
        ("('x'), ('deleted_at')", false),
        ("ROW('deleted_at')", false),
    ] {
        let sql = format!("SELECT c.*, v.* FROM contacts c, (VALUES {row}) v");
        if named {
            on(Mysql).refuses_as(&model(), &sql, Code::MarkerNotSelected, "c.*, v.*");
        } else {
            let filtered = format!("{sql} WHERE c.deleted_at IS NULL");
            on(Mysql).gives(&model(), &sql, &filtered);
        }
    }
    let sql = "SELECT c.*, v.* FROM contacts c, (VALUES ('deleted_at')) v";
    for dialect in [Postgres, Sqlite] {
        on(dialect).gives(&model(), sql, &format!("{sql} WHERE c.deleted_at IS NULL"));
    }
}

#[test]
fn a_row_without_its_marker_is_a_projection() {
    let missing = "not in the select list";
    for list in ["id, name", "id, deleted_at AS gone"] {
        let sql = format!("SELECT {list} FROM contacts");
        refuses(&sql, list, missing, "`contacts.deleted_at`");
    }
    refuses(
        "SELECT c.id, o.id FROM contacts c JOIN orders o ON o.contact_id = c.id",
        "c.id, o.id",
        missing,
        "`c.deleted_at`",
    );
    // Rows of two tables have no one marker.
    refuses(
        "SELECT id, deleted_at FROM contacts UNION ALL SELECT id, deleted_at FROM orders",
        "",
        missing,
        "",
    );
}

#[test]
fn columns_that_are_not_known_are_named() {
    on(Postgres).refuses_as(
        &model(),
        "SELECT x.*, c.* FROM json_populate_record(NULL::t, '{}') AS x, contacts c",
        Code::MarkerNotSelected,
        "x.*, c.*",
    );
}

#[test]
fn a_row_of_a_write_carries_the_marker_of_what_it_joined() {
    for (statement, filter) in [
        (
            "DELETE FROM audit a USING contacts c",
            " WHERE c.deleted_at IS NULL",
        ),
        (
            "UPDATE audit SET line = 'x' FROM contacts c",
            " WHERE c.deleted_at IS NULL",
        ),
    ] {
        let sql = format!("{statement} RETURNING *");
        on(Postgres).gives(&model(), &sql, &format!("{statement}{filter} RETURNING *"));
        let scoped = on(Postgres).check(&model(), &sql).scoped.unwrap();
        assert_eq!(scoped.model.unwrap().table, "contacts");
    }
}

#[test]
fn the_model_is_the_table_whose_marker_comes_out_wherever_others_stand() {
    yields(
        "SELECT (SELECT count(*) FROM orders o WHERE o.deleted_at IS NULL) AS n, c.* FROM contacts c",
        "contacts",
    );
    yields(
        "SELECT (SELECT count(*) FROM orders o WHERE o.deleted_at IS NULL) AS n, x.* FROM (SELECT c.* FROM contacts c) x",
        "contacts",
    );
}

#[test]
fn a_string_gives_its_column_a_name_in_mysql() {
    // MariaDB 10.11 calls it by the text of the string, and by that of several one behind the other.
    for second in [
        "'deleted_at'",
        "('deleted_at')",
        "\"deleted_at\"",
        "'deleted' '_at'",
        "_utf8'deleted_at'",
    ] {
        let list = format!("c.*, {second}");
        on(Mysql).refuses_as(
            &model(),
            &format!("SELECT {list} FROM contacts c"),
            Code::MarkerNotSelected,
            &list,
        );
    }
    for &dialect in ALL {
        for second in ["'contact'", "'deleted_at' AS kind"] {
            let sql = format!("SELECT c.*, {second} FROM contacts c");
            on(dialect).gives(&model(), &sql, &format!("{sql} WHERE c.deleted_at IS NULL"));
        }
    }
    for dialect in [Postgres, Sqlite] {
        let sql = "SELECT c.*, 'deleted_at' FROM contacts c";
        on(dialect).gives(&model(), sql, &format!("{sql} WHERE c.deleted_at IS NULL"));
    }
}

#[test]
fn a_new_row_without_its_marker_is_told_which_column_is_missing() {
    for dialect in [Postgres, Sqlite] {
        let sql = "INSERT INTO contacts (email) VALUES ('e') RETURNING id";
        on(dialect).refuses_as(&model(), sql, Code::MarkerNotSelected, "");
        let fault = on(dialect).check(&model(), sql).errors.remove(0);
        assert!(
            fault.help.contains("`contacts.deleted_at`"),
            "{}",
            fault.help
        );
        let sql = "INSERT INTO contacts (email) VALUES ('e') RETURNING *";
        on(dialect).gives(&model(), sql, sql);
    }
}

#[test]
fn a_subquery_may_give_its_column_the_name_of_its_own_in_postgres() {
    let times = "CREATE TABLE times (at TIMESTAMP);";
    for (subquery, named) in [
        ("(SELECT at AS deleted_at FROM times)", true),
        (
            "(SELECT at AS deleted_at FROM times UNION SELECT at FROM times)",
            true,
        ),
        (
            "(SELECT at FROM times UNION SELECT at AS deleted_at FROM times)",
            false,
        ),
        ("EXISTS (SELECT 1 AS deleted_at, at FROM times)", false),
    ] {
        let list = format!("c.*, {subquery}");
        let sql = format!("SELECT {list} FROM contacts c");
        for &dialect in ALL {
            let on = on_more(dialect, times);
            if named && dialect == Postgres {
                on.refuses_as(&model(), &sql, Code::MarkerNotSelected, &list);
            } else {
                on.gives(&model(), &sql, &format!("{sql} WHERE c.deleted_at IS NULL"));
            }
        }
    }
    refuses(
        "SELECT c.*, coalesce(c.deleted_at, (SELECT 1)) FROM contacts c",
        "c.*, coalesce(c.deleted_at, (SELECT 1))",
        "two columns",
        "another name",
    );
}

#[test]
fn the_columns_of_each_arm_are_known_where_a_marker_comes_out() {
    let on = with_schema(
        Postgres,
        "CREATE TABLE contacts (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);",
        "external = [\"ext\"]",
    );
    on.refuses_as(
        &model(),
        "SELECT id, deleted_at FROM contacts UNION ALL SELECT * FROM ext",
        Code::MarkerNotSelected,
        "",
    );
    yields(
        "WITH RECURSIVE x AS (SELECT id, deleted_at FROM contacts UNION ALL SELECT x.id + 1, x.deleted_at FROM x WHERE x.id < 9) SELECT id, deleted_at FROM x",
        "contacts",
    );
}

#[test]
fn a_past_version_is_a_model_of_all_rows() {
    let ask = Ask {
        model: true,
        ..scope(WithDeleted)
    };
    let sql = "SELECT * FROM contacts FOR SYSTEM_TIME ALL";
    on(Mysql).gives(&ask, sql, sql);
}

#[test]
fn an_alias_list_may_be_shorter_than_the_columns_of_a_function() {
    // PostgreSQL 15: where f returns (a, deleted_at), `x.*` holds a second marker.
    for from in [
        "f() AS x (a)",
        "f() AS x (a, b)",
        "ROWS FROM (f(), g()) AS x (a)",
        "(SELECT * FROM f() AS y (a)) AS x",
        "(f() AS y (a) JOIN audit b ON TRUE) AS x",
    ] {
        let sql = format!("SELECT c.*, x.* FROM contacts c, {from}");
        on(Postgres).refuses_as(&model(), &sql, Code::MarkerNotSelected, "c.*, x.*");
        let sql = format!("SELECT c.*, x.a FROM contacts c, {from} WHERE deleted_at IS NULL");
        on(Postgres).gives(&model(), &sql, &sql);
    }
    for with in [
        "x (a) AS (SELECT * FROM f())",
        "x AS (SELECT * FROM f() AS y (a))",
    ] {
        let sql = format!("WITH {with} SELECT c.*, x.* FROM contacts c, x");
        on(Postgres).refuses_as(&model(), &sql, Code::MarkerNotSelected, "c.*, x.*");
    }
    // A record has the columns that are defined, a query those that it selects.
    for from in [
        "json_to_record('{}') AS x (a integer, b text)",
        "json_to_record('{}') AS x (a integer[], b numeric(10, 2))",
        "(SELECT 1, 2) AS x (a)",
        "audit AS x (a)",
    ] {
        let sql = format!("SELECT c.*, x.* FROM contacts c, {from}");
        let scoped = format!("{sql} WHERE c.deleted_at IS NULL");
        on(Postgres).gives(&model(), &sql, &scoped);
    }
    let sql = "WITH x (a) AS (SELECT * FROM json_each('[1]')) SELECT c.*, x.* FROM contacts c, x";
    on(Sqlite).gives(&model(), sql, &format!("{sql} WHERE c.deleted_at IS NULL"));
}
