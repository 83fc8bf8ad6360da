//! Which rows of which table a statement may see, and how the truth is made of that.

use std::collections::{BTreeMap, BTreeSet};

use soft_delete_sql::{
    Dialect, Scope,
    syntax::{Token, lexer},
};

use super::{
    super::{
        ask::Asked,
        scopes::{Scopes, bare, condition, quote},
    },
    world::{Soft, Table, World},
};

/// Words that show the difference between a table and a view that filters it, or that lead past
/// the view.
const NOT_ON_VIEWS: [&str; 6] = ["main", "temp", "rowid", "oid", "_rowid_", "INDEXED"];

/// How the truth about one statement is made.
#[derive(Debug)]
pub(super) struct Plan<'w> {
    /// Tables that the statement names, itself or through views.
    pub(super) tables: Vec<(&'w Table, Option<Scope>)>,
    /// The original with references led to other views, and the statements that make the views;
    /// `None` where views cannot stand for the tables.
    pub(super) views: Option<(String, String)>,
    /// Makes tables in place of the views, with their rows in other orders.
    pub(super) turned: Vec<String>,
    /// Makes the tables what the statement may see; `None` where two references of one table
    /// differ in scope.
    pub(super) clean: Option<String>,
    /// The statement writes.
    pub(super) writes: bool,
}

impl<'w> Plan<'w> {
    pub(super) fn new(world: &'w World, sql: &str, asked: &Asked, writes: bool) -> Self {
        let tokens = lexer::lex(Dialect::Sqlite, sql).unwrap_or_default();
        let names: BTreeSet<String> = tokens
            .iter()
            .map(|it| it.name(Dialect::Sqlite, sql))
            .collect();
        let scopes = Scopes::new(asked);
        let through_views = world.views.iter().any(|view| names.contains(view));
        let is_named = |table: &&Table| names.contains(&table.name.to_ascii_lowercase());
        let tables: Vec<_> = world
            .tables
            .iter()
            .filter(|table| through_views || is_named(table))
            .map(|table| {
                let folded = table.name.to_ascii_lowercase();
                (table, scopes.of([&table.name, &folded]))
            })
            .collect();
        let is_word = |token: &Token| NOT_ON_VIEWS.iter().any(|word| token.is(sql, word));
        let is_soft = tables.iter().any(|(table, _)| table.soft.is_some());
        let can = is_soft && !writes && !through_views && !tokens.iter().any(is_word);
        let views = if can {
            Views::new(sql, asked, &tables)
        } else {
            None
        };
        // A copy of a table has no collation.
        let turns = views.as_ref().filter(|_| !world.collates);
        Self {
            turned: turns.map_or(Vec::new(), |views| views.turned(&tables)),
            views: views.map(|views| (views.sql.clone(), views.make())),
            clean: clean(&tables),
            tables,
            writes,
        }
    }

    /// Soft-deletable tables with the one scope of each.
    fn soft(&self) -> impl Iterator<Item = (&'w Table, &'w Soft, Option<Scope>)> {
        soft(&self.tables)
    }

    /// Does it name a soft-deletable table?
    pub(super) fn is_soft(&self) -> bool {
        self.soft().next().is_some()
    }

    /// The condition of the rows of a table that the statement may see.
    pub(super) fn inside(&self, name: &str) -> String {
        let own = self.soft().find(|(table, ..)| table.name == name);
        match own {
            Some((_, soft, Some(scope))) => condition(&soft.live, scope),
            _ => "true".to_owned(),
        }
    }
}

fn soft<'w>(
    tables: &[(&'w Table, Option<Scope>)],
) -> impl Iterator<Item = (&'w Table, &'w Soft, Option<Scope>)> {
    tables
        .iter()
        .filter_map(|(table, scope)| Some((*table, table.soft.as_ref()?, *scope)))
}

/// Temporary views of the same names, which come before the tables.
struct Views {
    /// The original. A reference whose scope differs from another of its table is led to a second
    /// view.
    sql: String,
    /// Names and queries.
    views: Vec<(String, String)>,
}

impl Views {
    fn new(sql: &str, asked: &Asked, tables: &[(&Table, Option<Scope>)]) -> Option<Self> {
        let query = |table: &Table, soft: &Soft, scope: Scope| {
            let (name, filter) = (quote(&table.name), condition(&soft.live, scope));
            format!("SELECT * FROM main.{name} WHERE {filter}")
        };
        let mut views: Vec<(String, String)> = soft(tables)
            .map(|(table, soft, scope)| {
                let scope = scope.unwrap_or(Scope::Active);
                (table.name.clone(), query(table, soft, scope))
            })
            .collect();
        let mut text = sql.to_owned();
        if let Asked::Scoped(scoped) = asked {
            let mut led: BTreeMap<String, String> = BTreeMap::new();
            let mut references: Vec<_> = scoped.references.iter().collect();
            references.sort_by_key(|reference| std::cmp::Reverse(reference.span.start));
            for reference in references {
                let name = bare(&reference.table);
                let mixed = soft(tables).find(|(table, _, scope)| {
                    table.name.eq_ignore_ascii_case(name) && scope.is_none()
                });
                let (Some((table, soft, _)), Some(scope)) = (mixed, reference.scope) else {
                    continue;
                };
                if scope == Scope::Active {
                    continue;
                }
                let other = format!("soft_{}_{}", scope.word(), table.name);
                let alias = match reference.alias {
                    Some(_) => String::new(),
                    None => format!(" AS {}", quote(&table.name)),
                };
                let new = format!("{}{alias}", quote(&other));
                text.get(reference.span.clone())?;
                text.replace_range(reference.span.clone(), &new);
                led.insert(other, query(table, soft, scope));
            }
            views.extend(led);
        }
        Some(Self { sql: text, views })
    }

    fn make(&self) -> String {
        let make = |(name, query): &(String, String)| {
            format!("CREATE TEMP VIEW {} AS {query}", quote(name))
        };
        let all: Vec<String> = self.views.iter().map(make).collect();
        all.join(";")
    }

    /// Tables in place of the views, by their first and by their last column.
    fn turned(&self, tables: &[(&Table, Option<Scope>)]) -> Vec<String> {
        let others = tables.iter().filter(|(table, _)| table.soft.is_none());
        let others = others.map(|(table, _)| {
            let name = quote(&table.name);
            (table.name.clone(), format!("SELECT * FROM main.{name}"))
        });
        let all: Vec<(String, String)> = self.views.iter().cloned().chain(others).collect();
        let last = |name: &str| {
            let mut named = tables
                .iter()
                .filter(|(table, _)| name.ends_with(&table.name));
            named.next().map_or(1, |(table, _)| table.columns.len())
        };
        let turned = |order: &dyn Fn(&str) -> String| {
            let make = |(name, query): &(String, String)| {
                let (table, order) = (quote(name), order(name));
                format!("CREATE TEMP TABLE {table} AS {query} ORDER BY {order}")
            };
            let all: Vec<String> = all.iter().map(make).collect();
            all.join(";")
        };
        vec![
            turned(&|_| "1 DESC".to_owned()),
            turned(&|name| format!("{} DESC, 1", last(name))),
        ]
    }
}

/// Removes what is outside the scope of each table.
fn clean(tables: &[(&Table, Option<Scope>)]) -> Option<String> {
    let mut statements = Vec::new();
    for (table, soft, scope) in soft(tables) {
        let inside = match scope? {
            Scope::WithDeleted => continue,
            scope => condition(&soft.live, scope),
        };
        let name = quote(&table.name);
        statements.push(format!("DELETE FROM main.{name} WHERE NOT ({inside})"));
    }
    Some(statements.join(";"))
}
