//! DESIGN §2: which reference a scope of the request stands for, and what is said of one that
//! stands for none.

use crate::setup::{
    ALL, Active, Ask, Code, Deleted, Dialect, Postgres, Scope, Sqlite, WithDeleted, on, on_more,
    scope,
};

/// A scope for one name, beside that of the head.
fn named(head: Option<Scope>, scopes: &'static [(&'static str, Scope)]) -> Ask {
    Ask {
        scope: head,
        scopes,
        ..Ask::default()
    }
}

/// The code, the message and the help of the only fault, and the text that it stands at.
fn fault(dialect: Dialect, ask: &Ask, sql: &str) -> (Code, String, String, String) {
    let mut errors = on(dialect).check(ask, sql).errors;
    assert_eq!(errors.len(), 1, "{sql}: {errors:?}");
    let fault = errors.remove(0);
    let at = fault.span.map_or("", |span| &sql[span]).to_owned();
    (fault.code, fault.message, fault.help, at)
}

#[test]
fn a_scope_that_is_said_and_proven_changes_nothing() {
    let ask = named(None, &[("c", Active)]);
    let sql = "SELECT c.id FROM contacts c WHERE c.deleted_at IS NULL";
    for &dialect in ALL {
        on(dialect).gives(&ask, sql, sql);
        assert!(on(dialect).check(&ask, sql).references[0].proven);
    }
}

#[test]
fn a_name_is_that_of_a_reference_as_it_is_called_or_of_its_table() {
    let people = on_more(
        Postgres,
        "CREATE TABLE crm.people (id INTEGER PRIMARY KEY, deleted_at TIMESTAMP NULL);",
    );
    for (scopes, from, column) in [
        (&[("p", Active)], "crm.people AS p", "p"),
        (&[("P", Active)], "crm.people AS p", "p"),
        (&[("Who", Active)], "crm.people AS \"Who\"", "\"Who\""),
        (&[("people", Active)], "crm.people AS p", "p"),
        (&[("PEOPLE", Active)], "crm.people AS p", "p"),
        (&[("crm.people", Active)], "crm.people AS p", "p"),
        (&[("people", Active)], "crm.people", "crm.people"),
    ] {
        let sql = format!("SELECT 1 FROM {from}");
        let scoped = format!("{sql} WHERE {column}.deleted_at IS NULL");
        people.gives(&named(None, scopes), &sql, &scoped);
    }
    for scopes in [&[("crm", Active)], &[("who", Active)], &[("eople", Active)]] {
        people.refuses_as(
            &named(None, scopes),
            "SELECT 1 FROM crm.people AS \"Who\"",
            Code::UnknownAlias,
            "",
        );
    }
    // An alias comes before the name of another's table.
    for &dialect in ALL {
        on(dialect).gives(
            &named(Some(Active), &[("contacts", WithDeleted)]),
            "SELECT 1 FROM contacts c, orders contacts",
            "SELECT 1 FROM contacts c, orders contacts WHERE c.deleted_at IS NULL",
        );
    }
}

#[test]
fn the_expression_of_a_with_takes_no_scope() {
    for &dialect in ALL {
        let sql = "WITH c AS (SELECT id FROM contacts) SELECT id FROM c";
        on(dialect).refuses_as(&named(None, &[("c", Active)]), sql, Code::UnknownAlias, "");
    }
}

#[test]
fn a_table_that_is_written_and_read_is_named_as_it_is_read() {
    for &dialect in ALL {
        for (source, filter) in [
            ("contacts", "contacts.deleted_at IS NOT NULL"),
            (
                "orders o, contacts",
                "o.deleted_at IS NULL AND contacts.deleted_at IS NOT NULL",
            ),
        ] {
            let sql = format!("INSERT INTO contacts (email) SELECT 'e' FROM {source}");
            on(dialect).gives(
                &named(Some(Active), &[("contacts", Deleted)]),
                &sql,
                &format!("{sql} WHERE {filter}"),
            );
        }
    }
    for dialect in [Postgres, Sqlite] {
        on(dialect).gives(
            &named(None, &[("contacts", Deleted)]),
            "INSERT INTO contacts AS a (email) SELECT b.email FROM contacts b",
            "INSERT INTO contacts AS a (email) SELECT b.email FROM contacts b WHERE b.deleted_at IS NOT NULL",
        );
    }
}

#[test]
fn active_may_stand_for_several_references_of_one_name_and_no_other_scope_does() {
    let sql = "SELECT id FROM contacts WHERE id IN (SELECT id FROM contacts)";
    for &dialect in ALL {
        on(dialect).gives(
            &named(None, &[("contacts", Active)]),
            sql,
            "SELECT id FROM contacts WHERE contacts.deleted_at IS NULL AND (id IN (SELECT id FROM contacts WHERE contacts.deleted_at IS NULL))",
        );
        for (ask, word) in [
            (named(None, &[("contacts", Deleted)]), "deleted"),
            (named(None, &[("contacts", WithDeleted)]), "with_deleted"),
        ] {
            // What is missing for either is no second fault.
            let (code, message, ..) = fault(dialect, &ask, sql);
            assert_eq!(code, Code::UnknownAlias);
            assert_eq!(
                message,
                format!("`contacts: {word}` could mean 2 references")
            );
            let span = on(dialect).check(&ask, sql).errors[0].span.clone();
            assert_eq!(span.map(|span| span.start), sql.rfind("contacts"));
        }
    }
}

#[test]
fn a_name_that_means_nothing_is_told_with_those_that_do() {
    for &dialect in ALL {
        let ask = named(None, &[("audit", Active)]);
        let (code, message, help, at) = fault(dialect, &ask, "SELECT 1 FROM audit");
        assert_eq!((code, &*at), (Code::MeaninglessScope, "audit"));
        assert!(
            message.contains("`audit` is not soft-deletable"),
            "{message}"
        );
        assert_eq!(help, "take out `audit: active`");
        let ask = named(Some(Active), &[("xyzzy", Active)]);
        for (sql, expected) in [
            (
                "SELECT 1 FROM contacts, orders o, contacts d",
                "its references are: `contacts`, `o` and `d`",
            ),
            (
                "WITH n AS (SELECT id FROM contacts) SELECT 1 FROM n",
                "its references are: `contacts`",
            ),
            (
                "SELECT id FROM contacts UNION SELECT id FROM contacts UNION SELECT id FROM orders",
                "its references are: `contacts` and `orders`",
            ),
        ] {
            let (code, message, help, _) = fault(dialect, &ask, sql);
            assert_eq!(code, Code::UnknownAlias);
            assert_eq!(message, "`xyzzy` names no table reference of this query");
            assert_eq!(help, expected);
        }
        let ask = named(Some(Active), &[("contcats", Active)]);
        let (_, _, help, _) = fault(dialect, &ask, "SELECT 1 FROM contacts");
        assert_eq!(help, "write `contacts: active`");
        let ask = named(None, &[("c", Active)]);
        let (_, _, help, _) = fault(dialect, &ask, "SELECT 1");
        assert_eq!(help, "the query reads no table");
    }
}

#[test]
fn active_at_the_head_leaves_a_scope_that_is_said_as_it_is() {
    for &dialect in ALL {
        let ask = named(Some(Active), &[("c", Deleted)]);
        for filter in ["", " WHERE c.deleted_at IS NOT NULL"] {
            on(dialect).gives(
                &ask,
                &format!("SELECT c.id FROM contacts c{filter}"),
                "SELECT c.id FROM contacts c WHERE c.deleted_at IS NOT NULL",
            );
        }
        on(dialect).refuses_as(
            &scope(Active),
            "SELECT c.id FROM contacts c WHERE c.deleted_at IS NOT NULL",
            Code::Contradiction,
            "c.deleted_at IS NOT NULL",
        );
    }
}

#[test]
fn active_at_the_head_is_for_a_plain_insert_of_a_soft_deletable_table_too() {
    for &dialect in ALL {
        let sql = "INSERT INTO contacts (email) SELECT line FROM audit";
        on(dialect).becomes(sql, sql);
        for ask in [scope(Deleted), scope(WithDeleted)] {
            on(dialect).refuses_as(&ask, sql, Code::MeaninglessScope, "contacts");
        }
        on(dialect).refuses_as(
            &scope(Active),
            "INSERT INTO audit (line) VALUES ('x')",
            Code::MeaninglessScope,
            "audit",
        );
    }
}

#[test]
fn deleted_and_with_deleted_stand_for_what_nothing_else_was_said_of() {
    for &dialect in ALL {
        let sql = "SELECT c.id FROM contacts c";
        let said = named(Some(Deleted), &[("c", Active)]);
        on(dialect).refuses_as(&said, sql, Code::MeaninglessScope, "contacts");
        // What the statement proves is meant where it fits one of several.
        let both = "SELECT 1 FROM contacts c, orders o WHERE c.deleted_at IS NOT NULL AND o.deleted_at IS NULL";
        on(dialect).gives(&scope(Deleted), both, both);
        // It may see deleted rows, and takes live ones.
        let live = "SELECT id FROM contacts WHERE deleted_at IS NULL";
        on(dialect).gives(&scope(WithDeleted), live, live);
        let checked = on(dialect).check(&scope(WithDeleted), live);
        assert_eq!(checked.references[0].scope, Some(Active));
        // The only one that it can mean is filtered the other way.
        on(dialect).refuses_as(
            &scope(Deleted),
            live,
            Code::Contradiction,
            "deleted_at IS NULL",
        );
        // Of several it cannot be said which.
        let two = "SELECT 1 FROM contacts c, orders o WHERE c.deleted_at IS NULL AND o.deleted_at IS NULL";
        on(dialect).refuses_as(&scope(Deleted), two, Code::MeaninglessScope, "contacts");
    }
}

#[test]
fn a_word_that_means_nothing_is_told_with_what_the_query_reads() {
    for &dialect in ALL {
        for (sql, expected, at) in [
            ("SELECT 1", "the query reads no table", ""),
            (
                "WITH x AS (SELECT 1 AS id) SELECT id FROM x",
                "the query reads no table",
                "",
            ),
            (
                "SELECT 1 FROM audit a, audit b",
                "`audit` takes no scope",
                "audit",
            ),
            (
                "WITH x AS (SELECT 1 AS id) SELECT x.id FROM x, audit, live_contacts",
                "`audit` and `live_contacts` take no scope",
                "audit",
            ),
        ] {
            let (code, message, _, place) = fault(dialect, &scope(Active), sql);
            assert_eq!((code, &*place), (Code::MeaninglessScope, at), "{sql}");
            assert_eq!(message, format!("`active` means nothing here: {expected}"));
        }
    }
}

#[test]
fn a_missing_scope_says_what_would_be_done_to_deleted_rows() {
    for (sql, done) in [
        ("SELECT id FROM contacts", "returned"),
        ("UPDATE contacts SET name = 'x'", "changed"),
        ("UPDATE audit SET line = 'x' FROM contacts c", "returned"),
        (
            "MERGE INTO contacts t USING audit s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = 'x'",
            "changed",
        ),
    ] {
        let errors = on(Postgres).check(&Ask::default(), sql).errors;
        let expected = format!("rows with `deleted_at` set would be {done}");
        assert_eq!(errors[0].label, expected, "{sql}");
    }
    let users = on_more(
        Postgres,
        "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email TEXT, deleted_at TIMESTAMP NULL);",
    );
    let sql = "INSERT INTO users (email) VALUES ('e') ON CONFLICT (id) DO UPDATE SET email = 'x'";
    let errors = users.check(&Ask::default(), sql).errors;
    assert_eq!(
        errors[0].label,
        "rows with `deleted_at` set would be changed"
    );
    // A DELETE lacks its verb, and not a scope.
    for &dialect in ALL {
        let (code, ..) = fault(dialect, &Ask::default(), "DELETE FROM contacts");
        assert_eq!(code, Code::DeleteNeedsVerb);
    }
    let (_, message, ..) = fault(Postgres, &Ask::default(), "SELECT id FROM public.contacts");
    assert!(
        message.starts_with("`contacts` is soft-deletable"),
        "{message}"
    );
}
