//! The references that sqlparser visits.

use std::ops::ControlFlow;

use soft_delete_sql::Dialect;
use sqlparser::{
    ast::{ObjectName, ObjectNamePart, Query, TableFactor, Visit, Visitor},
    dialect::{Dialect as Syntax, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
    parser::Parser,
    tokenizer::Location,
};

use super::Named;

/// The tables of one statement, `None` where sqlparser does not read it.
pub(super) fn references(dialect: Dialect, sql: &str) -> Option<Vec<Named>> {
    let syntax: &dyn Syntax = match dialect {
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Sqlite => &SQLiteDialect {},
        Dialect::Mysql => &MySqlDialect {},
    };
    let statements = Parser::parse_sql(syntax, sql).ok()?;
    let [statement] = statements.as_slice() else {
        return None;
    };
    let mut relations = Relations {
        sql,
        dialect,
        blocks: Vec::new(),
        is_function: false,
        found: Vec::new(),
    };
    let ControlFlow::Continue(()) = statement.visit(&mut relations);
    Some(relations.found)
}

struct Relations<'s> {
    sql: &'s str,
    dialect: Dialect,
    /// The queries around the place of the walk.
    blocks: Vec<Block>,
    /// The next relation is the name of a function in FROM.
    is_function: bool,
    found: Vec<Named>,
}

/// The common table expressions of a query.
struct Block {
    expressions: Vec<(String, *const Query)>,
    /// How many of them can be read at the place of the walk.
    visible: usize,
    recursive: bool,
}

impl Block {
    fn body(&self, query: &Query) -> Option<usize> {
        let mut bodies = self.expressions.iter();
        bodies.position(|(_, body)| std::ptr::eq(*body, query))
    }
}

impl Visitor for Relations<'_> {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        if let Some(block) = self.blocks.last_mut()
            && let Some(at) = block.body(query).filter(|_| !block.recursive)
        {
            block.visible = at;
        }
        let with = query.with.as_ref();
        let expressions: Vec<_> = with
            .map_or(&[][..], |with| &with.cte_tables)
            .iter()
            .map(|cte| {
                let name = folded(self.dialect, &cte.alias.name);
                (name, std::ptr::from_ref(&*cte.query))
            })
            .collect();
        self.blocks.push(Block {
            visible: expressions.len(),
            expressions,
            recursive: with.is_some_and(|with| with.recursive),
        });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        self.blocks.pop();
        if let Some(block) = self.blocks.last_mut()
            && block.body(query).is_some()
        {
            block.visible = block.expressions.len();
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Self::Break> {
        self.is_function = matches!(factor, TableFactor::Table { args: Some(_), .. });
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Self::Break> {
        let parts = relation.0.iter().filter_map(ObjectNamePart::as_ident);
        let name: Vec<String> = parts.map(|part| folded(self.dialect, part)).collect();
        let first = relation.0.first().and_then(ObjectNamePart::as_ident);
        let is_local = name.len() == 1
            && self.blocks.iter().any(|block| {
                let visible = &block.expressions[..block.visible];
                visible.iter().any(|(expression, _)| *expression == name[0])
            });
        if !std::mem::take(&mut self.is_function) && !is_local {
            self.found.push(Named {
                at: first.and_then(|first| byte(self.sql, first.span.start)),
                name: name.join("."),
            });
        }
        ControlFlow::Continue(())
    }
}

fn folded(dialect: Dialect, ident: &sqlparser::ast::Ident) -> String {
    match (dialect, ident.quote_style) {
        (Dialect::Postgres, Some(_)) => ident.value.clone(),
        _ => ident.value.to_ascii_lowercase(),
    }
}

/// The byte of a line and a column, which count characters from one.
fn byte(sql: &str, location: Location) -> Option<usize> {
    let line = usize::try_from(location.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(location.column).ok()?.checked_sub(1)?;
    let start: usize = sql.split_inclusive('\n').take(line).map(str::len).sum();
    let (offset, _) = sql.get(start..)?.char_indices().nth(column)?;
    Some(start + offset)
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::Dialect;

    use super::references;

    fn found(dialect: Dialect, sql: &str) -> Vec<(Option<usize>, String)> {
        let found = references(dialect, sql).unwrap_or_else(|| panic!("not read: {sql}"));
        let pairs = found.into_iter().map(|named| (named.at, named.name));
        pairs.collect()
    }

    #[test]
    fn a_table_stands_at_its_first_byte() {
        assert_eq!(
            found(Dialect::Postgres, "SELECT 'é'\nFROM ö.\"T\" t"),
            [(Some(17), "ö.T".to_owned())]
        );
    }

    #[test]
    fn common_table_expressions_and_functions_are_no_tables() {
        let names = |sql| -> Vec<String> {
            let found = found(Dialect::Sqlite, sql);
            found.into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(
            names("WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM B"),
            ["b"]
        );
        assert_eq!(
            names("WITH RECURSIVE a AS (SELECT * FROM a, t) SELECT * FROM a, json_each('[]')"),
            ["t"]
        );
        assert_eq!(
            names("SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t) AS s, t"),
            ["t"]
        );
    }
}
