//! Which table reference of a statement a column name means, as far as its text tells.

use std::ops::Range;

use soft_delete_sql::{
    Dialect,
    scope::Reference,
    syntax::{Token, TokenKind},
};

use super::scopes::bare;

/// Words that end one block of a query and begin another beside it.
const BETWEEN_BLOCKS: [&str; 3] = ["UNION", "EXCEPT", "INTERSECT"];

/// The references to tables that are known, in the order of the text.
pub(super) struct References(Vec<Placed>);

/// A reference and the block that it stands in.
struct Placed {
    /// What qualifies its columns.
    name: String,
    /// Index of its table.
    table: usize,
    columns: Vec<String>,
    block: Range<usize>,
}

impl References {
    /// `tables` are bare names with their columns.
    pub(super) fn new(
        dialect: Dialect,
        sql: &str,
        tokens: &[Token],
        references: &[Reference],
        tables: &[(&str, Vec<&str>)],
    ) -> Self {
        let blocks = blocks(sql, tokens);
        let mut references: Vec<&Reference> = references.iter().collect();
        references.sort_by_key(|reference| reference.span.start);
        let placed = references.into_iter().filter_map(|reference| {
            let bare = bare(&reference.table);
            let table = tables
                .iter()
                .position(|(name, _)| same(dialect, name, bare))?;
            let around = blocks
                .iter()
                .filter(|it| it.contains(&reference.span.start));
            Some(Placed {
                name: reference.alias.clone().unwrap_or_else(|| bare.to_owned()),
                table,
                columns: tables[table]
                    .1
                    .iter()
                    .map(|&name| name.to_owned())
                    .collect(),
                block: around.min_by_key(|it| it.len()).cloned()?,
            })
        });
        Self(placed.collect())
    }

    /// The table of each, by index.
    pub(super) fn tables(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|placed| placed.table)
    }

    /// A name for the column of one of them.
    pub(super) fn key(reference: usize, column: &str) -> String {
        format!("{reference}.{column}")
    }

    /// Every column of every one.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        let all = self.0.iter().enumerate();
        all.flat_map(|(at, placed)| placed.columns.iter().map(move |name| Self::key(at, name)))
    }

    /// The column that a name at a byte means: of the innermost block that has one.
    pub(super) fn resolve(
        &self,
        dialect: Dialect,
        qualifier: Option<&str>,
        column: &str,
        byte: usize,
    ) -> Option<String> {
        let all = self.0.iter().enumerate();
        let found = all.filter_map(|(at, placed)| {
            let is_named = qualifier.is_none_or(|name| same(dialect, name, &placed.name));
            let known = placed
                .columns
                .iter()
                .find(|name| same(dialect, name, column));
            let is_inside = placed.block.contains(&byte);
            is_named.then_some((!is_inside, placed.block.len(), at, known?))
        });
        let (_, _, at, column) =
            found.min_by_key(|(outside, length, at, _)| (*outside, *length, *at))?;
        Some(Self::key(at, column))
    }
}

fn same(dialect: Dialect, one: &str, two: &str) -> bool {
    match dialect {
        Dialect::Postgres => one == two,
        Dialect::Sqlite | Dialect::Mysql => one.eq_ignore_ascii_case(two),
    }
}

/// The bytes between parentheses, and between the words that combine queries.
fn blocks(sql: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut open = vec![0];
    let mut found = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::LParen => open.push(token.start),
            TokenKind::RParen if open.len() > 1 => {
                found.extend(open.pop().map(|start| start..token.end));
            }
            TokenKind::Word if BETWEEN_BLOCKS.iter().any(|word| token.is(sql, word)) => {
                if let Some(start) = open.last_mut() {
                    found.push(*start..token.start);
                    *start = token.end;
                }
            }
            _ => {}
        }
    }
    found.extend(open.into_iter().map(|start| start..sql.len()));
    found
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Dialect,
        schema::{Config, from_sql},
        syntax::lexer,
    };

    use super::{
        super::{Asked, ask},
        References,
    };

    /// The reference that each `x` in a statement belongs to.
    fn meant(sql: &str) -> Vec<Option<String>> {
        let ddl = "CREATE TABLE a (x INTEGER, deleted_at TEXT); CREATE TABLE b (y INTEGER);";
        let schema = from_sql(Dialect::Sqlite, ddl, &Config::default()).expect("a schema");
        let Asked::Scoped(scoped) = ask(&schema, sql) else {
            panic!("{sql}");
        };
        let tokens = lexer::lex(Dialect::Sqlite, sql).expect("tokens");
        let tables = [("a", vec!["x"]), ("b", vec!["y"])];
        let references =
            References::new(Dialect::Sqlite, sql, &tokens, &scoped.references, &tables);
        let resolve = |(at, _): (usize, &str)| {
            let before = sql[..at].strip_suffix('.');
            let qualifier = before.map(|before| &before[before.len() - 1..]);
            references.resolve(Dialect::Sqlite, qualifier, "x", at)
        };
        sql.match_indices('x').map(resolve).collect()
    }

    #[test]
    fn a_column_belongs_to_the_innermost_block_that_has_it() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            meant("SELECT c.x FROM a, a AS c, b WHERE x IN (SELECT x + c.x FROM a)"),
            [some("1.x"), some("0.x"), some("3.x"), some("1.x")]
        );
        assert_eq!(
            meant("SELECT x FROM a UNION SELECT x FROM a"),
            [some("0.x"), some("1.x")]
        );
    }
}
