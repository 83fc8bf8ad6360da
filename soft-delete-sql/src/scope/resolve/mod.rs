//! From the tree of a statement to its blocks, items and table references.

mod dml;
mod from;
mod merged;
mod query;
mod relation;

pub(super) use relation::display;

use std::{cell::RefCell, collections::HashSet, rc::Rc};

use super::{
    resolution::{BlockId, Col, Columns, Resolution, Role, closings},
    view::Views,
};
use crate::{
    Code, Diagnostic, Schema,
    syntax::{
        Parsed,
        ast::{Expr, Range, Statement, Tok},
    },
};

/// Resolves a statement. `views` is shared by the views that read views.
pub(super) fn resolve<'p>(
    schema: &'p Schema,
    parsed: &'p Parsed<'p>,
    views: &Rc<Views>,
) -> Resolution<'p> {
    let mut resolver = Resolver {
        out: Resolution {
            parsed,
            schema,
            references: Vec::new(),
            items: Vec::new(),
            blocks: Vec::new(),
            explained: HashSet::new(),
            closing: closings(parsed),
            outputs: None,
            errors: Vec::new(),
            inserts: Vec::new(),
            updates: Vec::new(),
            merges: Vec::new(),
            conditions: RefCell::default(),
            tests: RefCell::default(),
            top: None,
            weak_union: false,
            weak_part: false,
        },
        ctes: Vec::new(),
        views: Rc::clone(views),
    };
    let (outputs, top) = resolver.statement(&parsed.statement, &Env::default());
    resolver.out.outputs = outputs;
    resolver.out.top = top;
    let mut order: Vec<usize> = (0..resolver.out.references.len()).collect();
    order.sort_by_key(|&at| resolver.out.references[at].relation.name_range.start);
    resolver.out.renumber(&order);
    resolver.out
}

struct Resolver<'p> {
    out: Resolution<'p>,
    ctes: Vec<Cte>,
    views: Rc<Views>,
}

/// A common table expression in sight.
struct Cte {
    name: String,
    columns: Columns,
    block: Option<BlockId>,
    /// Read before its body was resolved: that use is among no consumers.
    read_early: bool,
}

/// The CTEs in sight, innermost last.
#[derive(Default, Clone)]
struct Env {
    ctes: Vec<usize>,
    /// Those that one of MySQL and MariaDB sees here and the other does not.
    doubtful: Vec<usize>,
}

impl<'p> Resolver<'p> {
    /// Returns the output columns, and the block when it is the only one that makes them.
    fn statement(&mut self, statement: &'p Statement, env: &Env) -> (Columns, Option<BlockId>) {
        match statement {
            Statement::Query(query) => self.query(query, env),
            Statement::Insert(insert) => (self.insert(insert, env), None),
            Statement::Update(update) => (self.update(update, env), None),
            Statement::Delete(delete) => (self.delete(delete, env), None),
            Statement::Merge(merge) => (self.merge(merge, env), None),
            Statement::Wrapped { inner, .. } => {
                self.statement(inner, env);
                (None, None)
            }
            Statement::Wholesale { keyword, tables } => {
                self.wholesale(*keyword, tables);
                (None, None)
            }
            Statement::Session { tables, .. } => {
                // Their rows stay where they are: no scope is needed.
                for relation in tables {
                    self.reference(relation, &Env::default(), Role::Wholesale);
                }
                (None, None)
            }
        }
    }

    /// Resolves what an expression reads.
    fn expr(&mut self, expr: &'p Expr, env: &Env) {
        for query in &expr.queries {
            self.query(query, env);
        }
        for relation in &expr.tables {
            self.in_table(relation, env);
        }
    }

    fn exprs(&mut self, exprs: &'p [Expr], env: &Env) {
        for expr in exprs {
            self.expr(expr, env);
        }
    }

    fn explain(&mut self, tokens: impl IntoIterator<Item = Tok>) {
        self.out.explained.extend(tokens);
    }

    fn explain_range(&mut self, range: Range) {
        self.explain(range.start..range.end);
    }

    fn fault(&mut self, code: Code, message: String, range: Range, label: &str) -> &mut Diagnostic {
        let span = self.out.parsed.bytes(range);
        self.out
            .errors
            .push(Diagnostic::new(code, message).at(span, label));
        let last = self.out.errors.len() - 1;
        &mut self.out.errors[last]
    }
}

impl Resolution<'_> {
    /// Puts the references in source order, so that what is reported about them is as well.
    fn renumber(&mut self, order: &[usize]) {
        let mut new_of = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            new_of[old] = new;
        }
        let mut slots: Vec<Option<_>> = self.references.drain(..).map(Some).collect();
        self.references = order.iter().filter_map(|&old| slots[old].take()).collect();
        let fix = |columns: &mut Columns| {
            for col in columns.iter_mut().flatten() {
                col.marker_of = col.marker_of.map(|old| new_of[old]);
            }
        };
        for item in &mut self.items {
            item.reference = item.reference.map(|old| new_of[old]);
            fix(&mut item.columns);
        }
        fix(&mut self.outputs);
        for (_, reference, _) in &mut self.inserts {
            *reference = new_of[*reference];
        }
        for (_, reference) in &mut self.merges {
            *reference = new_of[*reference];
        }
    }
}

/// Renames columns by an alias list; a list longer than what is known leaves nothing known.
fn renamed(columns: Columns, names: &[String]) -> Columns {
    if names.is_empty() {
        return columns;
    }
    let column = || Col {
        followed: true,
        ..Col::default()
    };
    let mut columns = columns.unwrap_or_else(|| names.iter().map(|_| column()).collect());
    if names.len() > columns.len() {
        return None;
    }
    for (col, name) in columns.iter_mut().zip(names) {
        col.name = Some(name.clone());
    }
    Some(columns)
}
