//! Scopes the tree of a statement: derived tables for what is read, conditions for what is written.

use soft_delete_sql::Scope;

use super::Fault;
use crate::{
    ast::{Body, Constraint, Expr, From, Hint, Item, JoinKind, Query, Ref, Select, Statement},
    place::put_on,
    walk::{self, Node, walk},
    world::{Marker, World},
};

pub(super) struct Rewrite<'w> {
    pub(super) world: &'w World,
    pub(super) fault: Fault,
}

impl Rewrite<'_> {
    /// Scopes a statement, as far as the fault allows.
    pub(super) fn statement(&self, statement: &mut Statement) {
        let forgotten = self.forgotten(statement);
        let mut changed = Vec::new();
        walk(statement, &mut |node| match node {
            Node::Select(select) => {
                // A derived table of ours is met again: leave it.
                if select.from.len() == 1
                    && let From::Table(reference) = &select.from[0]
                    && changed.contains(&reference.id)
                {
                    return;
                }
                let Select { from, filter, .. } = select;
                self.block(from, filter, &forgotten, &mut changed);
            }
            Node::Body(body) => {
                if let Body::Table(reference) = body
                    && !forgotten.contains(&reference.id)
                    && let From::Derived { query, .. } = self.derived(reference)
                {
                    changed.push(reference.id);
                    *body = query.body;
                }
            }
            Node::Statement(Statement::Update(update)) => {
                let Update {
                    target,
                    from,
                    filter,
                } = Update {
                    target: &update.target,
                    from: &mut update.from,
                    filter: &mut update.filter,
                };
                self.block(from, filter, &forgotten, &mut changed);
                if self.fault != Fault::WritesTombstones
                    && let Some(condition) = self.condition(target)
                {
                    *filter = Some(self.conjoined(condition, filter.take()));
                }
            }
            Node::Statement(Statement::Delete(delete)) => {
                let filter = &mut delete.filter;
                self.block(&mut delete.using, filter, &forgotten, &mut changed);
                let forgets = match delete.target.scope {
                    Scope::Active => self.fault == Fault::MarksAgain,
                    Scope::Deleted => self.fault == Fault::PurgesLiveRows,
                    Scope::WithDeleted => false,
                };
                if !forgets && let Some(condition) = self.condition(&delete.target) {
                    *filter = Some(self.conjoined(condition, filter.take()));
                }
            }
            Node::Statement(Statement::Merge(merge)) => {
                let source = std::slice::from_mut(&mut merge.source);
                self.block(source, &mut None, &forgotten, &mut changed);
                if self.fault != Fault::WritesTombstones
                    && let Some(condition) = self.condition(&merge.target)
                {
                    let on = std::mem::replace(&mut merge.on, Expr::literal(""));
                    merge.on = self.conjoined(condition, Some(on));
                }
            }
            Node::Statement(Statement::Insert(insert)) => {
                let marker = self.world.tables[insert.target.table].marker;
                if let (Some(conflict), Some(marker)) = (&mut insert.conflict, marker) {
                    conflict.predicate = Some(Expr::literal(marker.active("")));
                    if !conflict.set.is_empty() {
                        let prefix = format!("{}.", insert.target.qualifier());
                        let guard = Expr::literal(marker.active(&prefix));
                        conflict.filter = Some(self.conjoined(guard, conflict.filter.take()));
                    }
                }
            }
            _ => {}
        });
    }

    /// Turns a DELETE into the UPDATE that marks.
    pub(super) fn mark(&self, statement: &mut Statement) {
        let Statement::Delete(delete) = &*statement else {
            return;
        };
        let Some(marker) = self.world.tables[delete.target.table].marker else {
            return;
        };
        if self.fault == Fault::DeletesForGood {
            return;
        }
        let value = match marker {
            Marker::Time(_) | Marker::Custom => "'2024-06-01 00:00:00'",
            Marker::Bool | Marker::MaybeBool => "TRUE",
            Marker::Int | Marker::MaybeInt => "1",
        };
        let delete = delete.clone();
        *statement = Statement::Update(crate::ast::Update {
            with: delete.with,
            target: delete.target,
            set: vec![(marker.column().to_owned(), Expr::literal(value))],
            joined: delete.joined,
            from: delete.using,
            filter: delete.filter,
            returning: delete.returning,
        });
    }

    /// The references that the fault overlooks.
    fn forgotten(&self, statement: &Statement) -> Vec<usize> {
        let ids = |found: Vec<Ref>| found.iter().map(|reference| reference.id).collect();
        match self.fault {
            Fault::DropsOne => ids(walk::references(statement)
                .split_off(walk::references(statement).len().saturating_sub(1))),
            Fault::IgnoresSubqueries => {
                let mut found = Vec::new();
                walk(&mut statement.clone(), &mut |node| {
                    if let Node::Expr(
                        Expr::Exists(_, query) | Expr::Scalar(query) | Expr::InQuery(_, _, query),
                    ) = node
                    {
                        let inner = Statement::Query((**query).clone());
                        found.extend(walk::references(&inner));
                    }
                });
                ids(found)
            }
            Fault::IgnoresCtes => {
                let mut found = Vec::new();
                walk(&mut statement.clone(), &mut |node| {
                    if let Node::With(with) = node {
                        for cte in &with.ctes {
                            found.extend(walk::references(&cte.body));
                        }
                    }
                });
                ids(found)
            }
            Fault::IgnoresArms => {
                let mut found = Vec::new();
                walk(&mut statement.clone(), &mut |node| {
                    if let Node::Body(Body::Combine { right, .. }) = node {
                        let arm = Query {
                            body: (**right).clone(),
                            ..Query::default()
                        };
                        found.extend(walk::references(&Statement::Query(arm)));
                    }
                });
                ids(found)
            }
            _ => Vec::new(),
        }
    }

    fn block(
        &self,
        from: &mut [From],
        filter: &mut Option<Expr>,
        forgotten: &[usize],
        changed: &mut Vec<usize>,
    ) {
        let mut elsewhere = Vec::new();
        for item in from.iter_mut() {
            self.item(item, Side::Neither, forgotten, changed, &mut elsewhere);
        }
        for (place, condition) in elsewhere {
            let placed =
                place.is_some_and(|id| from.iter_mut().any(|item| put_on(item, id, &condition)));
            if !placed {
                *filter = Some(self.conjoined(condition, filter.take()));
            }
        }
    }

    fn item(
        &self,
        from: &mut From,
        side: Side,
        forgotten: &[usize],
        changed: &mut Vec<usize>,
        elsewhere: &mut Vec<(Option<usize>, Expr)>,
    ) {
        match from {
            From::Table(reference) => {
                if forgotten.contains(&reference.id) || changed.contains(&reference.id) {
                    return;
                }
                let Some(condition) = self.condition(reference) else {
                    return;
                };
                let renamed = !reference.columns.is_empty();
                match (self.fault, side) {
                    (Fault::NullableSideInWhere, Side::Nullable)
                    | (Fault::NoParentheses, Side::Neither)
                        if !renamed =>
                    {
                        elsewhere.push((None, condition));
                    }
                    (Fault::PreservedSideInOn, Side::Preserved(id)) if !renamed => {
                        elsewhere.push((Some(id), condition));
                    }
                    _ => {
                        changed.push(reference.id);
                        *from = self.derived(reference);
                    }
                }
            }
            From::Join(join) => {
                let preserved = match join.constraint {
                    Constraint::On(_) => Side::Preserved(join.id),
                    _ => side,
                };
                let (left, right) = match join.kind {
                    JoinKind::Inner | JoinKind::Straight | JoinKind::Cross => (side, side),
                    JoinKind::Left => (preserved, Side::Nullable),
                    JoinKind::Right => (Side::Nullable, preserved),
                    JoinKind::Full => (Side::Nullable, Side::Nullable),
                };
                self.item(&mut join.left, left, forgotten, changed, elsewhere);
                self.item(&mut join.right, right, forgotten, changed, elsewhere);
            }
            From::Paren { inner, alias } => {
                let side = if alias.is_some() { Side::Hidden } else { side };
                self.item(inner, side, forgotten, changed, elsewhere);
            }
            From::Cte { .. } | From::Derived { .. } => {}
        }
    }

    /// `f AND (old)`
    fn conjoined(&self, condition: Expr, old: Option<Expr>) -> Expr {
        match old {
            None => condition,
            Some(Expr::Any(mut parts)) if self.fault == Fault::NoParentheses => {
                let first = parts.remove(0);
                parts.insert(0, Expr::All(vec![condition, first]));
                Expr::Any(parts)
            }
            Some(old) => Expr::All(vec![condition, Expr::Paren(Box::new(old))]),
        }
    }

    fn condition(&self, reference: &Ref) -> Option<Expr> {
        let marker = self.world.tables[reference.table].marker?;
        self.scope_of(
            marker,
            &format!("{}.", reference.qualifier()),
            reference.scope,
        )
    }

    fn scope_of(&self, marker: Marker, prefix: &str, scope: Scope) -> Option<Expr> {
        if self.fault == Fault::NotActive && scope == Scope::Deleted {
            return Some(Expr::literal(format!("NOT ({})", marker.active(prefix))));
        }
        crate::world::condition(marker, prefix, scope).map(Expr::literal)
    }

    /// `(SELECT * FROM t WHERE f) AS t`
    fn derived(&self, reference: &Ref) -> From {
        let condition = self.world.tables[reference.table]
            .marker
            .and_then(|marker| self.scope_of(marker, "", reference.scope));
        let Some(condition) = condition else {
            return From::Table(reference.clone());
        };
        let mut inner = reference.clone();
        inner.alias = None;
        inner.columns = Vec::new();
        inner.hint = Hint::None;
        let select = Select {
            items: vec![Item::Star],
            from: vec![From::Table(inner)],
            filter: Some(condition),
            ..Select::default()
        };
        let unqualified = reference.spelled.rsplit('.').next().unwrap_or_default();
        From::Derived {
            query: Box::new(Query {
                body: Body::Select(Box::new(select)),
                ..Query::default()
            }),
            alias: reference
                .alias
                .clone()
                .unwrap_or_else(|| unqualified.to_owned()),
            columns: reference.columns.clone(),
            lateral: false,
        }
    }
}

/// How a join treats an operand.
#[derive(Debug, Clone, Copy)]
enum Side {
    Neither,
    Nullable,
    Preserved(usize),
    /// Inside of named parentheses.
    Hidden,
}

/// The parts of an UPDATE that are read and filtered.
struct Update<'a> {
    target: &'a Ref,
    from: &'a mut Vec<From>,
    filter: &'a mut Option<Expr>,
}
