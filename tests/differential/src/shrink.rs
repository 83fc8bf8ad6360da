//! Makes a failing case smaller while it still fails in the same way.

use crate::{
    ast::{Body, Constraint, Expr, From, JoinKind, Query, Select, Statement},
    database::Database,
    generate::Case,
    judge::{Failure, FailureKind, Outcome, Rewriter, judge},
    walk::{Node, walk},
    world::World,
};

/// How many smaller cases are tried.
const TRIES: usize = 4000;

/// The smallest case found, the world it needs, and how it fails.
pub(crate) fn shrink(
    world: &World,
    database: &mut dyn Database,
    rewriter: &mut dyn Rewriter,
    case: &Case,
    failure: Failure,
) -> (World, Case, Failure) {
    let kind = failure.kind;
    let mut best = (world.clone(), case.clone(), failure);
    let mut tries = 0;
    let plain = Case {
        spelling: None,
        ..case.clone()
    };
    if let Some(failure) = fails(world, database, rewriter, &plain, kind) {
        best = (world.clone(), plain, failure);
    }
    loop {
        let mut improved = false;
        let mut at = 0;
        while tries < TRIES {
            let mut smaller = best.1.clone();
            if !cut(&mut smaller.statement, at) {
                break;
            }
            tries += 1;
            if !keeps_groups(&best.1.statement, &smaller.statement) {
                at += 1;
                continue;
            }
            match fails(world, database, rewriter, &smaller, kind) {
                // What stood behind the cut has moved here.
                Some(failure) => {
                    best = (world.clone(), smaller, failure);
                    improved = true;
                }
                None => at += 1,
            }
        }
        if !improved || tries >= TRIES {
            break;
        }
    }
    rows(&mut best, database, rewriter, kind);
    database.load(world);
    rewriter.learn(world);
    best
}

/// Whether every block of the smaller statement groups as one of the larger did, so that no column
/// is left that its GROUP BY does not fix.
fn keeps_groups(larger: &Statement, smaller: &Statement) -> bool {
    let groups = |statement: &Statement| {
        let mut groups = Vec::new();
        walk(&mut statement.clone(), &mut |node| {
            if let Node::Select(select) = node {
                groups.push(format!("{:?}", select.group));
            }
        });
        groups
    };
    let mut left = groups(larger).into_iter();
    groups(smaller)
        .into_iter()
        .all(|group| left.any(|other| other == group))
}

fn fails(
    world: &World,
    database: &mut dyn Database,
    rewriter: &dyn Rewriter,
    case: &Case,
    kind: FailureKind,
) -> Option<Failure> {
    match judge(world, database, rewriter, case) {
        Outcome::Failed(failure) if failure.kind == kind => Some(failure),
        _ => None,
    }
}

/// Takes rows away.
fn rows(
    best: &mut (World, Case, Failure),
    database: &mut dyn Database,
    rewriter: &mut dyn Rewriter,
    kind: FailureKind,
) {
    for table in 0..best.0.tables.len() {
        for row in (0..best.0.tables[table].rows.len()).rev() {
            let mut world = best.0.clone();
            let gone = world.tables[table].rows.remove(row);
            let id = world.tables[table]
                .columns
                .iter()
                .position(|c| c.name == "id");
            if let Some(id) = id.map(|at| &gone[at]) {
                world.tables[table].deleted_ids.retain(|other| other != id);
            }
            database.load(&world);
            rewriter.learn(&world);
            if let Some(failure) = fails(&world, database, rewriter, &best.1, kind) {
                best.0 = world;
                best.2 = failure;
            }
        }
    }
}

/// Counts possible cuts down to the one to make.
struct Cutter {
    left: usize,
    done: bool,
}

impl Cutter {
    fn hit(&mut self) -> bool {
        if self.done {
            return false;
        }
        if self.left == 0 {
            self.done = true;
            return true;
        }
        self.left -= 1;
        false
    }

    fn remove<T>(&mut self, list: &mut Vec<T>, keep: usize) {
        let mut at = 0;
        while list.len() > keep && at < list.len() {
            if self.hit() {
                list.remove(at);
                return;
            }
            at += 1;
        }
    }

    fn clear<T>(&mut self, option: &mut Option<T>) {
        if option.is_some() && self.hit() {
            *option = None;
        }
    }

    fn replace<T>(&mut self, node: &mut T, with: impl FnOnce(&T) -> T) {
        if self.hit() {
            *node = with(node);
        }
    }
}

/// Makes the `at`-th possible cut; false when there are fewer.
fn cut(statement: &mut Statement, at: usize) -> bool {
    let mut cutter = Cutter {
        left: at,
        done: false,
    };
    walk(statement, &mut |node| {
        if cutter.done {
            return;
        }
        match node {
            Node::Statement(statement) => cut_statement(&mut cutter, statement),
            Node::With(with) => {
                cutter.remove(&mut with.ctes, 0);
                if with.recursive && cutter.hit() {
                    with.recursive = false;
                }
            }
            Node::Query(query) => cut_query(&mut cutter, query),
            Node::Body(body) => cut_body(&mut cutter, body),
            Node::Select(select) => cut_select(&mut cutter, select),
            Node::From(from) => cut_from(&mut cutter, from),
            Node::Expr(expr) => cut_expr(&mut cutter, expr),
            Node::Ref(_) => {}
        }
    });
    cutter.done
}

fn cut_statement(cutter: &mut Cutter, statement: &mut Statement) {
    match statement {
        Statement::Query(_) => {}
        Statement::Update(update) => {
            cutter.clear(&mut update.joined);
            cutter.remove(&mut update.from, 0);
            cutter.clear(&mut update.filter);
            cutter.remove(&mut update.set, 1);
            cutter.remove(&mut update.returning, 0);
        }
        Statement::Delete(delete) => {
            cutter.clear(&mut delete.joined);
            cutter.remove(&mut delete.using, 0);
            cutter.clear(&mut delete.filter);
            cutter.remove(&mut delete.returning, 0);
        }
        Statement::Merge(merge) => {
            cutter.remove(&mut merge.clauses, 1);
            for clause in &mut merge.clauses {
                cutter.clear(&mut clause.filter);
            }
        }
        Statement::Insert(insert) => {
            cutter.clear(&mut insert.conflict);
            cutter.remove(&mut insert.returning, 0);
            if let Some(conflict) = &mut insert.conflict {
                cutter.clear(&mut conflict.filter);
                cutter.clear(&mut conflict.predicate);
                cutter.remove(&mut conflict.set, 0);
            }
        }
    }
}

fn cut_query(cutter: &mut Cutter, query: &mut Query) {
    cutter.clear(&mut query.limit_by);
    cutter.clear(&mut query.limit);
    cutter.clear(&mut query.lock);
    if query.limit.is_none() && !query.order.is_empty() && cutter.hit() {
        query.order.clear();
        if let Body::Select(select) = &mut query.body {
            select.sort = None;
        }
    }
}

fn cut_body(cutter: &mut Cutter, body: &mut Body) {
    match body {
        Body::Combine { left, right, .. } => {
            let arm = [&*left, &*right].into_iter().find(|_| cutter.hit());
            if let Some(arm) = arm.cloned() {
                *body = *arm;
            }
        }
        Body::Paren(query) => {
            if cutter.hit() {
                *body = std::mem::take(&mut query.body);
            }
        }
        Body::Values(rows) => cutter.remove(rows, 1),
        Body::Select(_) | Body::Table(_) => {}
    }
}

fn cut_select(cutter: &mut Cutter, select: &mut Select) {
    cutter.remove(&mut select.from, 0);
    cutter.clear(&mut select.filter);
    cutter.clear(&mut select.having);
    cutter.clear(&mut select.sort);
    cutter.clear(&mut select.grouping);
    cutter.remove(&mut select.group, 0);
    cutter.clear(&mut select.window);
    cutter.clear(&mut select.distinct_on);
    if select.distinct && cutter.hit() {
        select.distinct = false;
    }
    if select.comments != 0 && cutter.hit() {
        select.comments = 0;
    }
    cutter.remove(&mut select.items, 1);
}

fn cut_from(cutter: &mut Cutter, from: &mut From) {
    match from {
        From::Join(join) => {
            if cutter.hit() {
                *from = join.left.clone();
                return;
            }
            if cutter.hit() {
                *from = join.right.clone();
                return;
            }
            if join.kind == JoinKind::Full && cutter.hit() {
                join.kind = JoinKind::Left;
            }
            if matches!(join.kind, JoinKind::Left | JoinKind::Right) && cutter.hit() {
                join.kind = JoinKind::Inner;
            }
            if matches!(join.constraint, Constraint::Using(_) | Constraint::Natural) && cutter.hit()
            {
                join.constraint = Constraint::On(Expr::literal("TRUE"));
            }
        }
        From::Paren { inner, .. } => {
            if cutter.hit() {
                *from = (**inner).clone();
            }
        }
        From::Derived { columns, .. } => cutter.remove(columns, 0),
        From::Table(_) | From::Cte { .. } => {}
    }
}

fn cut_expr(cutter: &mut Cutter, expr: &mut Expr) {
    match expr {
        Expr::Literal(_) => return,
        Expr::All(parts) | Expr::Any(parts) => {
            cutter.remove(parts, 2);
            let part = parts.iter().find(|_| cutter.hit()).cloned();
            if let Some(part) = part {
                *expr = part;
                return;
            }
        }
        Expr::Not(inner) | Expr::Paren(inner) => {
            let inner = (**inner).clone();
            cutter.replace(expr, |_| inner);
        }
        Expr::Binary(left, _, _) | Expr::Postfix(left, _) => {
            let left = (**left).clone();
            cutter.replace(expr, |_| left);
        }
        Expr::Case(arms, otherwise) => {
            cutter.remove(arms, 1);
            let otherwise = (**otherwise).clone();
            cutter.replace(expr, |_| otherwise);
        }
        Expr::Call {
            name,
            args,
            filter,
            over,
            ..
        } => {
            cutter.clear(filter);
            let first = args.first().cloned();
            match (over, first) {
                (Some(over), _) => cutter.clear(&mut over.frame),
                // What an aggregate takes stands there for a whole group.
                (None, Some(first)) if matches!(*name, "coalesce" | "length" | "concat") => {
                    cutter.replace(expr, |_| first);
                }
                (None, _) => {}
            }
        }
        _ => {}
    }
    if !cutter.done {
        for literal in ["1", "TRUE", "'a'"] {
            cutter.replace(expr, |_| Expr::literal(literal));
        }
    }
}
