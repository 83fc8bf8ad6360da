//! The columns of a join that USING and NATURAL merge, and their order.

use super::Resolver;
use crate::{
    Dialect,
    scope::resolution::{Col, Columns},
    syntax::ast::{Constraint, From, Join, JoinKind, NodeKind},
};

impl Resolver<'_> {
    /// The columns of a join in the order of `*`; merged ones are no side's own. `None` where it is
    /// not certain which are merged.
    ///
    /// PostgreSQL 15 and 18, SQLite 3.40 and 3.51, MySQL 9.7 and MariaDB 10.11 were tried: PostgreSQL
    /// and MySQL put the merged columns first, SQLite leaves them where the left side has them;
    /// PostgreSQL orders them as USING does, MySQL as the first side; and the first side of a RIGHT
    /// JOIN is the right one to MySQL.
    pub(super) fn joined(
        &self,
        from: &From,
        node: usize,
        join: &Join,
        left: Columns,
        right: Columns,
    ) -> Columns {
        let (mut first, mut second) = (left?, right?);
        let dialect = self.out.parsed.dialect;
        let using = match &join.constraint {
            Constraint::Using(names) => Some(
                names
                    .iter()
                    .map(|&tok| self.out.name(tok))
                    .collect::<Vec<_>>(),
            ),
            _ => None,
        };
        if using.is_none() && !join.natural {
            first.extend(second);
            return Some(first);
        }
        // SQLite puts them first in some parentheses.
        if dialect == Dialect::Sqlite && in_parentheses(from, node) {
            return None;
        }
        // MySQL turns a RIGHT JOIN with ON as well, but only inside of a join that merges.
        if dialect == Dialect::Mysql && (turns(from, join.left) || turns(from, join.right)) {
            return None;
        }
        if dialect == Dialect::Mysql && join.kind == JoinKind::Right {
            std::mem::swap(&mut first, &mut second);
        }
        let of = |columns: &[Col]| -> Vec<String> {
            columns.iter().filter_map(|col| col.name.clone()).collect()
        };
        let merged = using.unwrap_or_else(|| {
            let (mut names, others) = (of(&first), of(&second));
            names.retain(|name| others.contains(name));
            names
        });
        let may_merge = |columns: &[Col], others: &[Col]| {
            columns.iter().filter(|col| col.name.is_none()).any(|col| {
                let names = of(others);
                names.len() < others.len()
                    || names
                        .iter()
                        .chain(&merged)
                        .any(|name| self.out.may_be(col, name))
            })
        };
        if may_merge(&first, &second) || may_merge(&second, &first) {
            return None;
        }
        let is_merged = |col: &Col| col.name.as_ref().is_some_and(|name| merged.contains(name));
        let nobodys = |name: &String| Col {
            name: Some(name.clone()),
            ..Col::default()
        };
        let in_place = |col: Col| match &col.name {
            Some(name) if merged.contains(name) => nobodys(name),
            _ => col,
        };
        let mut columns: Vec<Col> = match dialect {
            Dialect::Sqlite => first.into_iter().map(in_place).collect(),
            Dialect::Postgres => {
                let rest = first.into_iter().filter(|col| !is_merged(col));
                merged.iter().map(nobodys).chain(rest).collect()
            }
            Dialect::Mysql => {
                let (merging, rest): (Vec<Col>, Vec<Col>) = first.into_iter().partition(is_merged);
                merging.into_iter().map(in_place).chain(rest).collect()
            }
        };
        columns.extend(second.into_iter().filter(|col| !is_merged(col)));
        Some(columns)
    }
}

fn in_parentheses(from: &From, mut node: usize) -> bool {
    while let Some(parent) = from.nodes[node].parent {
        if matches!(from.nodes[parent].kind, NodeKind::Paren { .. }) {
            return true;
        }
        node = parent;
    }
    false
}

/// True when a RIGHT JOIN that merges nothing stands in this part of a tree.
fn turns(from: &From, node: usize) -> bool {
    match &from.nodes[node].kind {
        NodeKind::Join(join) => {
            let merges = join.natural || matches!(join.constraint, Constraint::Using(_));
            (join.kind == JoinKind::Right && !merges)
                || turns(from, join.left)
                || turns(from, join.right)
        }
        NodeKind::Paren { inner, .. } => turns(from, *inner),
        NodeKind::Relation(_) | NodeKind::Derived { .. } | NodeKind::Function { .. } => false,
    }
}
