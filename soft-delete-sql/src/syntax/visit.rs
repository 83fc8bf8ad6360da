//! Walking the whole tree, in source order as far as it matters.

use super::ast::{
    Arm, Assignment, Clause, Conflict, ConflictAction, ConflictTarget, Constraint, Expr, From,
    InsertSource, NodeKind, Query, Relation, Select, SelectItem, Statement, WhenAction, With,
};

/// What a walk hands out. Every method does nothing unless it is written.
pub trait Visitor {
    /// A named relation, read or written.
    fn relation(&mut self, relation: &Relation) {
        let _ = relation;
    }

    /// A FROM list, before what stands in it.
    fn from(&mut self, from: &From) {
        let _ = from;
    }

    /// An expression, before the queries in it.
    fn expr(&mut self, expr: &Expr) {
        let _ = expr;
    }

    /// A query, before what stands in it.
    fn query(&mut self, query: &Query) {
        let _ = query;
    }

    /// A WITH clause, before its bodies.
    fn with(&mut self, with: &With) {
        let _ = with;
    }

    /// An entry of a select list or of RETURNING.
    fn item(&mut self, item: &SelectItem) {
        let _ = item;
    }
}

/// Walks a statement.
pub fn statement(statement: &Statement, visitor: &mut impl Visitor) {
    match statement {
        Statement::Query(inner) => query(inner, visitor),
        Statement::Insert(insert) => {
            with(insert.with.as_ref(), visitor);
            relation(&insert.target, visitor);
            match &insert.source {
                InsertSource::Query(source) => query(source, visitor),
                InsertSource::Set(list) => assignments(list, visitor),
                InsertSource::Default => {}
            }
            for clause in &insert.conflicts {
                conflict(clause, visitor);
            }
            assignments(insert.on_duplicate.as_deref().unwrap_or(&[]), visitor);
            items(insert.returning.as_deref(), visitor);
        }
        Statement::Update(update) => {
            with(update.with.as_ref(), visitor);
            from(Some(&update.tables), visitor);
            assignments(&update.assignments, visitor);
            from(update.from.as_ref(), visitor);
            clause(update.filter.as_ref(), visitor);
            update
                .tail
                .iter()
                .for_each(|tail| expr(&tail.expr, visitor));
            items(update.returning.as_deref(), visitor);
        }
        Statement::Delete(delete) => {
            with(delete.with.as_ref(), visitor);
            from(Some(&delete.tables), visitor);
            from(delete.using.as_ref(), visitor);
            clause(delete.filter.as_ref(), visitor);
            delete
                .tail
                .iter()
                .for_each(|tail| expr(&tail.expr, visitor));
            items(delete.returning.as_deref(), visitor);
        }
        Statement::Merge(merge) => {
            with(merge.with.as_ref(), visitor);
            relation(&merge.target, visitor);
            from(Some(&merge.source), visitor);
            clause(Some(&merge.on), visitor);
            for when in &merge.whens {
                clause(when.condition.as_ref(), visitor);
                match &when.action {
                    WhenAction::Update(list) => assignments(list, visitor),
                    WhenAction::Insert { values, .. } => {
                        for value in values {
                            expr(value, visitor);
                        }
                    }
                    WhenAction::Nothing | WhenAction::Delete => {}
                }
            }
            items(merge.returning.as_deref(), visitor);
        }
        Statement::Wrapped { inner, .. } => self::statement(inner, visitor),
        Statement::Wholesale { tables, .. } | Statement::Session { tables, .. } => {
            for table in tables {
                relation(table, visitor);
            }
        }
    }
}

fn query(query: &Query, visitor: &mut impl Visitor) {
    visitor.query(query);
    with(query.with.as_ref(), visitor);
    for arm in &query.arms {
        match arm {
            Arm::Select(inner) => select(inner, visitor),
            Arm::Values(values) => values
                .rows
                .iter()
                .flatten()
                .for_each(|value| expr(value, visitor)),
            Arm::Table {
                relation: table, ..
            } => relation(table, visitor),
            Arm::Nested(inner) => self::query(inner, visitor),
        }
    }
    query.tail.iter().for_each(|tail| expr(&tail.expr, visitor));
}

fn select(select: &Select, visitor: &mut impl Visitor) {
    maybe(select.distinct_on.as_ref(), visitor);
    items(Some(&select.items), visitor);
    from(select.from.as_ref(), visitor);
    clause(select.filter.as_ref(), visitor);
    maybe(select.group_by.as_ref(), visitor);
    clause(select.having.as_ref(), visitor);
    maybe(select.windows.as_ref(), visitor);
}

fn with(with: Option<&With>, visitor: &mut impl Visitor) {
    let Some(with) = with else { return };
    visitor.with(with);
    for cte in &with.ctes {
        statement(&cte.body, visitor);
    }
}

fn items(items: Option<&[SelectItem]>, visitor: &mut impl Visitor) {
    for item in items.unwrap_or(&[]) {
        visitor.item(item);
        expr(&item.expr, visitor);
    }
}

fn from(from: Option<&From>, visitor: &mut impl Visitor) {
    let Some(from) = from else { return };
    visitor.from(from);
    for node in &from.nodes {
        match &node.kind {
            NodeKind::Relation(table) => relation(table, visitor),
            NodeKind::Derived { query, .. } => self::query(query, visitor),
            NodeKind::Function { expr, .. } => self::expr(expr, visitor),
            NodeKind::Join(join) => {
                if let Constraint::On(on) = &join.constraint {
                    clause(Some(on), visitor);
                }
            }
            NodeKind::Paren { .. } => {}
        }
    }
}

fn relation(relation: &Relation, visitor: &mut impl Visitor) {
    visitor.relation(relation);
    relation
        .modifiers
        .iter()
        .for_each(|modifier| expr(modifier, visitor));
}

fn conflict(conflict: &Conflict, visitor: &mut impl Visitor) {
    if let ConflictTarget::Columns {
        items, predicate, ..
    } = &conflict.target
    {
        for item in items {
            expr(item, visitor);
        }
        clause(predicate.as_ref(), visitor);
    }
    if let ConflictAction::Update {
        assignments: list,
        filter,
    } = &conflict.action
    {
        assignments(list, visitor);
        clause(filter.as_ref(), visitor);
    }
}

fn assignments(assignments: &[Assignment], visitor: &mut impl Visitor) {
    for assignment in assignments {
        expr(&assignment.value, visitor);
    }
}

fn clause(clause: Option<&Clause>, visitor: &mut impl Visitor) {
    maybe(clause.map(|clause| &clause.expr), visitor);
}

fn maybe(maybe: Option<&Expr>, visitor: &mut impl Visitor) {
    if let Some(inner) = maybe {
        expr(inner, visitor);
    }
}

fn expr(expr: &Expr, visitor: &mut impl Visitor) {
    visitor.expr(expr);
    expr.tables
        .iter()
        .for_each(|table| relation(table, visitor));
    expr.queries.iter().for_each(|inner| query(inner, visitor));
}
