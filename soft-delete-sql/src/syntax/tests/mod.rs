//! Tests of the parser: every construct, with the relations it must find at their bytes.

mod dml;
mod joins;
mod limits;
mod properties;
mod queries;
mod refusals;
mod statements;
mod words;

use super::{
    Parsed,
    ast::{self, From, JoinKind, NodeKind},
    parse,
    visit::{self, Visitor},
};
use crate::Dialect;

/// The names of the relations found, by byte.
struct Relations<'p, 's> {
    parsed: &'p Parsed<'s>,
    found: Vec<std::ops::Range<usize>>,
}

impl Visitor for Relations<'_, '_> {
    fn relation(&mut self, relation: &ast::Relation) {
        self.found.push(self.parsed.bytes(relation.name_range));
    }
}

/// The statement with every relation found in it between `«` and `»`.
fn references(dialect: Dialect, sql: &str) -> String {
    let parsed = match parse(dialect, sql) {
        Ok(parsed) => parsed,
        Err(diagnostic) => return diagnostic.render(sql),
    };
    let mut relations = Relations {
        parsed: &parsed,
        found: Vec::new(),
    };
    visit::statement(&parsed.statement, &mut relations);
    relations.found.sort_by_key(|span| span.start);
    let mut out = String::new();
    let mut copied = 0;
    for span in relations.found {
        out.push_str(&sql[copied..span.start]);
        out.push('«');
        out.push_str(&sql[span.clone()]);
        out.push('»');
        copied = span.end;
    }
    out.push_str(&sql[copied..]);
    out
}

/// Each statement is given with its relations between `«` and `»`: exactly these are found.
fn finds(dialect: Dialect, statements: &[&str]) {
    for marked in statements {
        let sql = marked.replace(['«', '»'], "");
        assert_eq!(references(dialect, &sql), *marked, "{dialect}: {sql}");
    }
}

fn finds_in_all(statements: &[&str]) {
    for dialect in Dialect::ALL {
        finds(dialect, statements);
    }
}

/// The first FROM list of a statement, as a bracketed tree: conditions as `{…}`.
fn tree(dialect: Dialect, sql: &str) -> String {
    struct First<'p, 's>(&'p Parsed<'s>, Option<String>);
    impl Visitor for First<'_, '_> {
        fn from(&mut self, from: &From) {
            if self.1.is_none() {
                self.1 = Some(node(self.0, from, from.root));
            }
        }
    }
    let parsed = match parse(dialect, sql) {
        Ok(parsed) => parsed,
        Err(diagnostic) => return diagnostic.message,
    };
    let mut first = First(&parsed, None);
    visit::statement(&parsed.statement, &mut first);
    first.1.unwrap_or_default()
}

fn node(parsed: &Parsed<'_>, from: &From, at: usize) -> String {
    let alias = |alias: &Option<ast::Alias>| match alias {
        Some(alias) => match alias.name {
            Some(name) => format!(":{}", parsed.name(name)),
            None => ":".to_owned(),
        },
        None => String::new(),
    };
    match &from.nodes[at].kind {
        NodeKind::Relation(relation) => {
            format!(
                "{}{}",
                &parsed.sql[parsed.bytes(relation.name_range)],
                alias(&relation.alias)
            )
        }
        NodeKind::Derived {
            lateral, alias: a, ..
        } => format!(
            "{}query{}",
            if *lateral { "lateral " } else { "" },
            alias(a)
        ),
        NodeKind::Function { name, alias: a, .. } => {
            let name: Vec<String> = name.iter().map(|part| parsed.name(*part)).collect();
            format!("{}(){}", name.join("."), alias(a))
        }
        NodeKind::Paren { inner, alias: a } => {
            format!("<{}>{}", node(parsed, from, *inner), alias(a))
        }
        NodeKind::Join(join) => {
            let kind = match join.kind {
                JoinKind::Inner => "+",
                JoinKind::Comma => ",",
                JoinKind::Left => "L",
                JoinKind::Right => "R",
                JoinKind::Full => "F",
            };
            let natural = if join.natural { "n" } else { "" };
            let condition = match &join.constraint {
                ast::Constraint::None => String::new(),
                ast::Constraint::On(on) => {
                    format!("{{{}}}", &parsed.sql[parsed.bytes(on.expr.range)])
                }
                ast::Constraint::Using(columns) => {
                    let columns: Vec<String> =
                        columns.iter().map(|column| parsed.name(*column)).collect();
                    format!("{{{}}}", columns.join(" "))
                }
            };
            format!(
                "({} {natural}{kind} {}){condition}",
                node(parsed, from, join.left),
                node(parsed, from, join.right)
            )
        }
    }
}
