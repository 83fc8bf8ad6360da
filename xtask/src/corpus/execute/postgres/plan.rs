//! Which rows of which table a statement may see, and how the truth is made of that.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use soft_delete_sql::{
    Dialect, Scope,
    syntax::{Token, TokenKind, lexer},
};

use super::{
    super::{
        ask::Asked,
        scopes::{Scopes, bare, condition, quote},
    },
    world::{SoftTable, World},
};

/// Schemas of views, made in the transaction that needs them.
const ACTIVE: &str = "soft_active";
const OTHER: &str = "soft_other";

/// Words that show the difference between a table and a view that filters it, or that write.
const NOT_ON_VIEWS: [&str; 12] = [
    "INSERT",
    "DELETE",
    "MERGE",
    "ONLY",
    "TABLESAMPLE",
    "ctid",
    "xmin",
    "xmax",
    "tableoid",
    "regclass",
    "pg_class",
    "pg_relation_size",
];

/// How the truth about one statement is made.
#[derive(Debug)]
pub(super) struct Plan<'w> {
    /// Soft-deletable tables that the statement names, itself or through views.
    pub(super) tables: Vec<(&'w SoftTable, Option<Scope>)>,
    /// The original with references led to other views, and the statements that make the views;
    /// `None` where views cannot stand for the tables.
    pub(super) views: Option<(String, String)>,
    /// Makes the tables what the statement may see; `None` where two references of one table
    /// differ in scope.
    pub(super) clean: Option<String>,
    /// The statement writes.
    pub(super) writes: bool,
}

impl<'w> Plan<'w> {
    pub(super) fn new(world: &'w World, sql: &str, asked: &Asked) -> Self {
        let tokens = lexer::lex(Dialect::Postgres, sql).unwrap_or_default();
        let names = names(sql, &tokens);
        let scopes = Scopes::new(asked);
        let mut tables: BTreeMap<&str, (&SoftTable, Option<Scope>)> = BTreeMap::new();
        let mut through_views = false;
        for table in world.soft.values() {
            let is_behind = |view: &&String| {
                world.views.get(*view).is_some_and(|tables| {
                    tables.contains(&table.name)
                        || table
                            .ancestors
                            .iter()
                            .any(|up| world.called(up).any(|up| tables.contains(&up.name)))
                })
            };
            let viewed = names.iter().any(|name| is_behind(&name));
            through_views |= viewed;
            let spelled = names.contains(&table.bare)
                || table.ancestors.iter().any(|name| names.contains(name));
            if spelled || viewed {
                let names = std::iter::once(&table.bare).chain(&table.ancestors);
                tables.insert(&table.name, (table, scopes.of(names)));
            }
        }
        let tables: Vec<_> = tables.into_values().collect();
        let writes = writes(sql, &tokens);
        let is_word = |token: &Token| NOT_ON_VIEWS.iter().any(|word| token.is(sql, word));
        let can = !through_views
            && !writes
            && !tables.is_empty()
            && !tokens.iter().any(is_word)
            && !is_qualified(sql, &tokens, &tables);
        Self {
            views: if can {
                views(sql, asked, &tables)
            } else {
                None
            },
            clean: clean(&tables),
            tables,
            writes,
        }
    }

    /// The scope of a table.
    pub(super) fn scope(&self, name: &str) -> Option<(&'w SoftTable, Scope)> {
        let (table, scope) = self.tables.iter().find(|(table, _)| table.name == name)?;
        Some((table, (*scope)?))
    }
}

/// Every name in a statement.
pub(super) fn names(sql: &str, tokens: &[Token]) -> BTreeSet<String> {
    let is_name = |token: &&Token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
    let names = tokens.iter().filter(is_name);
    names
        .map(|token| token.name(Dialect::Postgres, sql))
        .collect()
}

/// UPDATE also stands in FOR UPDATE and FOR NO KEY UPDATE.
fn writes(sql: &str, tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| {
        let behind = |word: &str| at > 0 && tokens[at - 1].is(sql, word);
        ["INSERT", "DELETE", "MERGE"]
            .iter()
            .any(|word| token.is(sql, word))
            || (token.is(sql, "UPDATE") && !behind("FOR") && !behind("KEY"))
    })
}

/// Is a table named together with its schema?
fn is_qualified(sql: &str, tokens: &[Token], tables: &[(&SoftTable, Option<Scope>)]) -> bool {
    tokens.windows(2).any(|pair| {
        let name = pair[1].name(Dialect::Postgres, sql);
        pair[0].kind == TokenKind::Dot && tables.iter().any(|(table, _)| table.bare == name)
    })
}

/// Views of the same names. A reference whose scope differs from another of its table is led to
/// a second view.
fn views(
    sql: &str,
    asked: &Asked,
    tables: &[(&SoftTable, Option<Scope>)],
) -> Option<(String, String)> {
    let view = |schema: &str, table: &SoftTable, scope: Scope| {
        let (name, source) = (quote(&table.bare), &table.name);
        let filter = condition(&table.live, scope);
        format!("CREATE VIEW {schema}.{name} AS SELECT * FROM {source} WHERE {filter}")
    };
    let mut prepare = vec![
        format!("CREATE SCHEMA {ACTIVE}"),
        format!("CREATE SCHEMA {OTHER}"),
    ];
    for (table, scope) in tables {
        let same = tables.iter().filter(|(other, _)| other.bare == table.bare);
        if same.count() > 1 {
            return None;
        }
        prepare.push(view(ACTIVE, table, scope.unwrap_or(Scope::Active)));
    }
    let mut text = sql.to_owned();
    if let Asked::Scoped(scoped) = asked {
        let mut led: HashMap<&str, Scope> = HashMap::new();
        let mut references: Vec<_> = scoped.references.iter().collect();
        references.sort_by_key(|reference| std::cmp::Reverse(reference.span.start));
        for reference in references {
            let name = bare(&reference.table);
            let mixed = tables
                .iter()
                .find(|(table, scope)| table.bare == name && scope.is_none());
            let (Some((table, _)), Some(scope)) = (mixed, reference.scope) else {
                continue;
            };
            if scope == Scope::Active {
                continue;
            }
            match led.insert(name, scope) {
                None => prepare.push(view(OTHER, table, scope)),
                Some(other) if other == scope => {}
                Some(_) => return None,
            }
            text.replace_range(reference.span.clone(), &format!("{OTHER}.{}", quote(name)));
        }
    }
    prepare.push(format!(
        "SELECT pg_catalog.set_config('search_path', \
         '{ACTIVE}, pg_temp, ' || pg_catalog.current_setting('search_path'), true)"
    ));
    Some((text, prepare.join(";")))
}

/// Removes what is outside the scope of each table.
fn clean(tables: &[(&SoftTable, Option<Scope>)]) -> Option<String> {
    let mut statements = Vec::new();
    for (table, scope) in tables.iter().filter(|(table, _)| table.stores) {
        let inside = match (*scope)? {
            Scope::WithDeleted => continue,
            scope => condition(&table.live, scope),
        };
        let name = &table.name;
        statements.push(format!("DELETE FROM ONLY {name} WHERE NOT ({inside})"));
    }
    Some(statements.join(";"))
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Dialect,
        schema::{Config, from_sql},
    };

    use super::{
        super::{
            super::ask,
            world::{SoftTable, World},
        },
        Plan,
    };

    fn world() -> World {
        let table = |name: &str| SoftTable {
            name: format!("public.{name}"),
            bare: name.to_owned(),
            stores: true,
            marker: "deleted_at".to_owned(),
            live: "deleted_at IS NULL".to_owned(),
            ancestors: [].into(),
        };
        let soft = ["users", "notes"].map(|name| (format!("public.{name}"), table(name)));
        World {
            soft: soft.into(),
            views: [("seen".to_owned(), ["public.users".to_owned()].into())].into(),
            unknown: Vec::new(),
        }
    }

    fn plan<'w>(world: &'w World, sql: &str) -> Plan<'w> {
        let ddl = "CREATE TABLE users (id int PRIMARY KEY, deleted_at timestamptz);
                   CREATE TABLE notes (id int PRIMARY KEY, user_id int, deleted_at timestamptz);";
        let schema = from_sql(Dialect::Postgres, ddl, &Config::default()).expect("a schema");
        Plan::new(world, sql, &ask::ask(&schema, sql))
    }

    #[test]
    fn a_read_has_views_and_clean_tables_for_its_truth() {
        let world = world();
        let plan = plan(&world, "SELECT id FROM users");
        let (sql, prepare) = plan.views.expect("views");
        assert_eq!(sql, "SELECT id FROM users");
        assert!(prepare.contains("SELECT * FROM public.users WHERE (deleted_at IS NULL)"));
        assert!(!prepare.contains("notes"));
        assert_eq!(
            plan.clean.as_deref(),
            Some("DELETE FROM ONLY public.users WHERE NOT ((deleted_at IS NULL))")
        );
    }

    #[test]
    fn what_writes_or_looks_behind_a_view_has_clean_tables_only() {
        let world = world();
        for sql in [
            "UPDATE users SET id = 1",
            "SELECT ctid FROM users",
            "SELECT id FROM public.users",
            "SELECT * FROM seen",
        ] {
            let plan = plan(&world, sql);
            assert_eq!(plan.views, None, "{sql}");
            assert!(plan.clean.is_some(), "{sql}");
        }
        let locks = "SELECT id FROM users FOR NO KEY UPDATE";
        assert!(plan(&world, locks).views.is_some());
    }

    #[test]
    fn two_scopes_of_one_table_are_told_apart_by_two_views() {
        let world = world();
        let sql = "SELECT a.id FROM users a, users b WHERE b.deleted_at IS NOT NULL \
                   AND a.deleted_at IS NULL";
        let plan = plan(&world, sql);
        assert_eq!(plan.clean, None);
        let (sql, prepare) = plan.views.expect("views");
        assert!(sql.starts_with("SELECT a.id FROM users a, soft_other.\"users\" b"));
        assert!(prepare.contains("(deleted_at IS NULL) IS NOT TRUE"));
    }
}
