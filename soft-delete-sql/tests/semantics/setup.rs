//! The tables of the tests, and how a test says what it expects.

use std::path::Path;

use soft_delete_sql::{
    Checked, Diagnostic, Request, Schema, check,
    schema::{self, Config},
};
pub(crate) use soft_delete_sql::{
    Code,
    Dialect::{self, Mysql, Postgres, Sqlite},
    Scope::{self, Active, Deleted, WithDeleted},
    Verb,
};

/// Every dialect.
pub(crate) const ALL: &[Dialect] = &Dialect::ALL;

/// One table of each kind of marker, and one without.
const TABLES: &str = "
    CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT, org_id INTEGER,
        deleted_at TIMESTAMP NULL);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, contact_id INTEGER, total INTEGER,
        deleted_at TIMESTAMP NULL);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, contact_id INTEGER, body TEXT,
        is_deleted BOOLEAN NOT NULL DEFAULT FALSE);
    CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT, is_deleted INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, status TEXT,
        deleted_at TIMESTAMP NULL);
    CREATE TABLE audit (id INTEGER PRIMARY KEY, contact_id INTEGER, line TEXT);
    CREATE VIEW contact_names AS SELECT id, name FROM contacts;
    CREATE VIEW contact_states AS SELECT id, name, deleted_at FROM contacts;
    CREATE VIEW live_contacts AS SELECT id, name FROM contacts WHERE deleted_at IS NULL;
";

const CONFIG: &str = r#"
    [tables.articles]
    active = "deleted_at IS NULL AND status <> 'archived'"
"#;

/// What is asked of a statement.
#[derive(Clone, Default)]
pub(crate) struct Ask {
    pub(crate) scope: Option<Scope>,
    pub(crate) scopes: &'static [(&'static str, Scope)],
    pub(crate) verb: Option<Verb>,
    pub(crate) model: bool,
}

/// A schema and a dialect to check statements against.
pub(crate) struct On {
    dialect: Dialect,
    schema: Schema,
}

/// The tables above, in a dialect.
pub(crate) fn on(dialect: Dialect) -> On {
    with_schema(dialect, TABLES, CONFIG)
}

/// The tables above and others.
pub(crate) fn on_more(dialect: Dialect, ddl: &str) -> On {
    with_schema(dialect, &format!("{TABLES}{ddl}"), CONFIG)
}

/// Tables of the test's own.
pub(crate) fn with_schema(dialect: Dialect, ddl: &str, config: &str) -> On {
    let config = settings(config);
    let schema =
        schema::from_sql(dialect, ddl, &config).unwrap_or_else(|errors| panic!("{errors:?}"));
    On { dialect, schema }
}

/// A refusal that names a schema fact.
pub(crate) fn schema_errors(dialect: Dialect, ddl: &str) -> Vec<Code> {
    let config = settings("");
    schema::from_sql(dialect, ddl, &config)
        .map(drop)
        .unwrap_err()
        .iter()
        .map(|error| error.code)
        .collect()
}

impl On {
    /// The verdict.
    pub(crate) fn check(&self, ask: &Ask, sql: &str) -> Checked {
        check(
            &self.schema,
            &Request {
                sql,
                scope: ask.scope,
                scopes: ask
                    .scopes
                    .iter()
                    .map(|(name, scope)| ((*name).to_owned(), *scope))
                    .collect(),
                verb: ask.verb,
                model: ask.model,
            },
        )
    }

    /// The statement scoped as asked is exactly `expected`.
    #[track_caller]
    pub(crate) fn gives(&self, ask: &Ask, sql: &str, expected: &str) {
        let checked = self.check(ask, sql);
        let Some(scoped) = checked.scoped else {
            panic!(
                "{}: refused\n{}",
                self.dialect,
                render(&checked.errors, sql)
            );
        };
        assert_eq!(scoped.sql, expected, "{}: {sql}", self.dialect);
    }

    /// The statement under `active` is exactly `expected`.
    #[track_caller]
    pub(crate) fn becomes(&self, sql: &str, expected: &str) {
        self.gives(&scope(Active), sql, expected);
    }

    /// The statement proves itself: nothing is asked, nothing is changed, nothing is warned of.
    #[track_caller]
    pub(crate) fn proves(&self, sql: &str) {
        self.gives(&Ask::default(), sql, sql);
        assert_eq!(
            self.warnings(&Ask::default(), sql),
            [],
            "{}: {sql}",
            self.dialect
        );
    }

    /// The statement without a scope meets this code first, at this text.
    #[track_caller]
    pub(crate) fn refuses(&self, sql: &str, code: Code, at: &str) {
        self.refuses_as(&Ask::default(), sql, code, at);
    }

    /// The statement as asked meets this code first, at this text.
    #[track_caller]
    pub(crate) fn refuses_as(&self, ask: &Ask, sql: &str, code: Code, at: &str) {
        let checked = self.check(ask, sql);
        if let Some(scoped) = checked.scoped {
            panic!("{}: accepted {sql}\nas {}", self.dialect, scoped.sql);
        }
        let first = checked
            .errors
            .first()
            .expect("an error when nothing is scoped");
        let text = first.span.clone().map_or("", |span| &sql[span]);
        assert_eq!(
            (first.code, text),
            (code, at),
            "{}: {}",
            self.dialect,
            render(&checked.errors, sql)
        );
    }

    /// The reference is not proven, so that a scope has to be said: SD001 at its name.
    #[track_caller]
    pub(crate) fn proves_nothing(&self, sql: &str, table: &str) {
        self.refuses(sql, Code::Unscoped, table);
    }

    /// The warnings of a statement that compiles as asked.
    #[track_caller]
    pub(crate) fn warnings(&self, ask: &Ask, sql: &str) -> Vec<Code> {
        let checked = self.check(ask, sql);
        assert!(checked.scoped.is_some(), "{}", render(&checked.errors, sql));
        checked
            .warnings
            .iter()
            .map(|warning| warning.code)
            .collect()
    }
}

/// One scope for the statement.
pub(crate) fn scope(scope: Scope) -> Ask {
    Ask {
        scope: Some(scope),
        ..Ask::default()
    }
}

/// A verb.
pub(crate) fn verb(verb: Verb) -> Ask {
    Ask {
        verb: Some(verb),
        ..Ask::default()
    }
}

fn render(errors: &[Diagnostic], sql: &str) -> String {
    errors
        .iter()
        .map(|error| error.render(sql))
        .collect::<Vec<_>>()
        .join("\n")
}

fn settings(text: &str) -> Config {
    Config::parse(text, Path::new("soft-delete.toml")).unwrap_or_else(|errors| panic!("{errors:?}"))
}
