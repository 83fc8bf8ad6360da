//! Visits every node of a statement, outermost first.

use crate::ast::{
    Action, Body, Constraint, Expr, From, Item, Over, Query, Ref, Select, Statement, With,
};

/// A node that may be changed before its parts are visited.
pub(crate) enum Node<'a> {
    Statement(&'a mut Statement),
    With(&'a mut With),
    Query(&'a mut Query),
    Body(&'a mut Body),
    Select(&'a mut Select),
    From(&'a mut From),
    Expr(&'a mut Expr),
    Ref(&'a mut Ref),
}

/// Calls `f` for every node.
pub(crate) fn walk(statement: &mut Statement, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::Statement(statement));
    match statement {
        Statement::Query(inner) => query(inner, f),
        Statement::Update(update) => {
            with(&mut update.with, f);
            f(Node::Ref(&mut update.target));
            for (_, value) in &mut update.set {
                expr(value, f);
            }
            update.from.iter_mut().for_each(|item| from(item, f));
            exprs(update.joined.iter_mut().map(|(_, on)| on), f);
            exprs(update.filter.iter_mut(), f);
            exprs(update.returning.iter_mut(), f);
        }
        Statement::Delete(delete) => {
            with(&mut delete.with, f);
            f(Node::Ref(&mut delete.target));
            delete.using.iter_mut().for_each(|item| from(item, f));
            exprs(delete.joined.iter_mut().map(|(_, on)| on), f);
            exprs(delete.filter.iter_mut(), f);
            exprs(delete.returning.iter_mut(), f);
        }
        Statement::Insert(insert) => {
            with(&mut insert.with, f);
            f(Node::Ref(&mut insert.target));
            query(&mut insert.source, f);
            if let Some(conflict) = &mut insert.conflict {
                for (_, value) in &mut conflict.set {
                    expr(value, f);
                }
                exprs(conflict.filter.iter_mut(), f);
            }
            exprs(insert.returning.iter_mut(), f);
        }
        Statement::Merge(merge) => {
            f(Node::Ref(&mut merge.target));
            from(&mut merge.source, f);
            expr(&mut merge.on, f);
            for clause in &mut merge.clauses {
                exprs(clause.filter.iter_mut(), f);
                if let Action::Update(values) | Action::Insert(values) = &mut clause.action {
                    for (_, value) in values {
                        expr(value, f);
                    }
                }
            }
        }
    }
}

fn with(node: &mut With, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::With(node));
    for cte in &mut node.ctes {
        walk(&mut cte.body, f);
    }
}

fn query(node: &mut Query, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::Query(node));
    with(&mut node.with, f);
    body(&mut node.body, f);
    if let Some(limit) = &mut node.limit_by {
        query(limit, f);
    }
}

fn body(node: &mut Body, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::Body(node));
    match node {
        Body::Select(inner) => select(inner, f),
        Body::Values(rows) => rows.iter_mut().flatten().for_each(|item| expr(item, f)),
        Body::Table(reference) => f(Node::Ref(reference)),
        Body::Combine { left, right, .. } => {
            body(left, f);
            body(right, f);
        }
        Body::Paren(inner) => query(inner, f),
    }
}

fn select(node: &mut Select, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::Select(node));
    exprs(node.distinct_on.iter_mut(), f);
    for item in &mut node.items {
        if let Item::Expr { expr: inner, .. } = item {
            expr(inner, f);
        }
    }
    node.from.iter_mut().for_each(|item| from(item, f));
    exprs(node.filter.iter_mut(), f);
    exprs(node.group.iter_mut(), f);
    exprs(node.having.iter_mut(), f);
    exprs(node.sort.iter_mut(), f);
    if let Some((_, window)) = &mut node.window {
        over(window, f);
    }
}

fn over(node: &mut Over, f: &mut dyn FnMut(Node<'_>)) {
    exprs(node.partition.iter_mut(), f);
    exprs(node.order.iter_mut(), f);
}

fn from(node: &mut From, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::From(node));
    match node {
        From::Table(reference) => f(Node::Ref(reference)),
        From::Cte { .. } => {}
        From::Derived { query: inner, .. } => query(inner, f),
        From::Join(join) => {
            from(&mut join.left, f);
            from(&mut join.right, f);
            if let Constraint::On(on) = &mut join.constraint {
                expr(on, f);
            }
        }
        From::Paren { inner, .. } => from(inner, f),
    }
}

fn exprs<'a>(nodes: impl Iterator<Item = &'a mut Expr>, f: &mut dyn FnMut(Node<'_>)) {
    for node in nodes {
        expr(node, f);
    }
}

fn expr(node: &mut Expr, f: &mut dyn FnMut(Node<'_>)) {
    f(Node::Expr(node));
    match node {
        Expr::Column { .. } | Expr::Literal(_) => {}
        Expr::Not(inner) | Expr::Postfix(inner, _) | Expr::Cast(inner, _) | Expr::Paren(inner) => {
            expr(inner, f);
        }
        Expr::Binary(left, _, right) => {
            expr(left, f);
            expr(right, f);
        }
        Expr::All(parts) | Expr::Any(parts) => parts.iter_mut().for_each(|part| expr(part, f)),
        Expr::Between(value, low, high) => {
            expr(value, f);
            expr(low, f);
            expr(high, f);
        }
        Expr::In(value, _, list) => {
            expr(value, f);
            exprs(list.iter_mut(), f);
        }
        Expr::InQuery(value, _, inner) | Expr::Quantified(value, _, inner) => {
            expr(value, f);
            query(inner, f);
        }
        Expr::Exists(_, inner) | Expr::Scalar(inner) => query(inner, f),
        Expr::Case(arms, otherwise) => {
            for (when, then) in arms {
                expr(when, f);
                expr(then, f);
            }
            expr(otherwise, f);
        }
        Expr::Call {
            args,
            filter,
            over: window,
            ..
        } => {
            exprs(args.iter_mut(), f);
            exprs(filter.as_deref_mut().into_iter(), f);
            if let Some(window) = window {
                over(window, f);
            }
        }
    }
}

/// Calls `f` for every reference to a base table.
pub(crate) fn references_mut(statement: &mut Statement, f: &mut dyn FnMut(&mut Ref)) {
    walk(statement, &mut |node| {
        if let Node::Ref(reference) = node {
            f(reference);
        }
    });
}

/// The references to base tables.
pub(crate) fn references(statement: &Statement) -> Vec<Ref> {
    let mut found = Vec::new();
    references_mut(&mut statement.clone(), &mut |reference| {
        found.push(reference.clone());
    });
    found
}

/// The table that the statement itself writes.
pub(crate) fn target_mut(statement: &mut Statement, f: &mut dyn FnMut(&mut Ref)) {
    match statement {
        Statement::Query(_) => {}
        Statement::Update(update) => f(&mut update.target),
        Statement::Insert(insert) => f(&mut insert.target),
        Statement::Delete(delete) => f(&mut delete.target),
        Statement::Merge(merge) => f(&mut merge.target),
    }
}

/// Every name that a FROM of the statement makes visible, lower case, as often as it stands.
pub(crate) fn names(statement: &Statement) -> Vec<String> {
    let mut names = Vec::new();
    walk(&mut statement.clone(), &mut |node| match node {
        Node::Ref(reference) => names.push(reference.qualifier().to_lowercase()),
        Node::From(From::Cte { name, alias }) => {
            names.push(alias.as_ref().unwrap_or(name).to_lowercase());
        }
        Node::From(
            From::Derived { alias, .. }
            | From::Paren {
                alias: Some(alias), ..
            },
        ) => names.push(alias.to_lowercase()),
        Node::With(with) => {
            names.extend(with.ctes.iter().map(|cte| cte.name.to_lowercase()));
        }
        _ => {}
    });
    names
}

/// How deep joins are nested in the parentheses of joins.
pub(crate) fn joins(statement: &Statement) -> usize {
    fn depth(from: &From) -> usize {
        match from {
            From::Table(_) | From::Cte { .. } | From::Derived { .. } => 0,
            From::Join(join) => depth(&join.left).max(depth(&join.right)).max(1),
            From::Paren { inner, .. } => match depth(inner) {
                0 => 0,
                inside => inside + 1,
            },
        }
    }
    let mut deepest = 0;
    walk(&mut statement.clone(), &mut |node| {
        if let Node::From(from) = node {
            deepest = deepest.max(depth(from));
        }
    });
    deepest
}
