//! Join trees: which operands each join has, by the dialect's rules.

use super::{Kw, Parse, Parser, expr::Ends};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Alias, Constraint, From, Join, JoinKind, Node, NodeKind, Range, Tok},
    },
};

/// The nodes of a tree that grows from its leaves.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// One piece of a chain of joins, in source order.
enum Step {
    Operand(usize),
    Operator(Operator),
    Constraint(Constraint, Tok),
}

#[derive(Clone, Copy)]
struct Operator {
    kind: JoinKind,
    natural: bool,
    condition: Condition,
    at: Tok,
}

/// Whether a join takes ON or USING.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    No,
    Optional,
    Required,
}

impl Tree {
    pub(super) fn into_from(self, range: Range, root: usize) -> From {
        From {
            range,
            nodes: self.nodes,
            root,
        }
    }

    pub(super) fn leaf(&mut self, range: Range, kind: NodeKind) -> usize {
        self.nodes.push(Node {
            range,
            parent: None,
            kind,
        });
        self.nodes.len() - 1
    }

    pub(super) fn paren(&mut self, range: Range, inner: usize, alias: Option<Alias>) -> usize {
        let at = self.leaf(range, NodeKind::Paren { inner, alias });
        self.nodes[inner].parent = Some(at);
        at
    }

    fn join(&mut self, left: usize, operator: Operator, right: usize) -> usize {
        let range = Range {
            start: self.nodes[left].range.start,
            end: self.nodes[right].range.end,
        };
        let at = self.leaf(
            range,
            NodeKind::Join(Join {
                left,
                right,
                kind: operator.kind,
                natural: operator.natural,
                constraint: Constraint::None,
            }),
        );
        self.nodes[left].parent = Some(at);
        self.nodes[right].parent = Some(at);
        at
    }

    /// Gives the join at `at` its condition, which ends before `end`.
    fn constrain(&mut self, at: usize, condition: Constraint, end: Tok) {
        let node = &mut self.nodes[at];
        node.range.end = end;
        if let NodeKind::Join(join) = &mut node.kind {
            join.constraint = condition;
        }
    }
}

impl Parser<'_> {
    /// Chains of joins with commas between them. In SQLite the comma is a join like the others.
    pub(super) fn comma_list(&mut self, tree: &mut Tree) -> Parse<usize> {
        let mut left = self.chain(tree)?;
        while self.is(0, TokenKind::Comma) {
            let operator = self.comma();
            let right = self.chain(tree)?;
            left = tree.join(left, operator, right);
        }
        Ok(left)
    }

    fn comma(&mut self) -> Operator {
        let at = self.at;
        self.at += 1;
        Operator {
            kind: JoinKind::Comma,
            natural: false,
            condition: Condition::Optional,
            at,
        }
    }

    fn chain(&mut self, tree: &mut Tree) -> Parse<usize> {
        let first = self.factor(tree)?;
        // The common case: nothing is joined.
        if !self.at_join() {
            return Ok(first);
        }
        let mut steps = vec![Step::Operand(first)];
        let mut open = 0_usize;
        loop {
            if let Some(operator) = self.operator()? {
                if self.dialect == Dialect::Sqlite {
                    open = 1;
                } else if operator.condition != Condition::No {
                    open += 1;
                }
                steps.push(Step::Operator(operator));
                steps.push(Step::Operand(self.factor(tree)?));
            } else if open > 0 && self.at_constraint() {
                open -= 1;
                let constraint = self.constraint()?;
                steps.push(Step::Constraint(constraint, self.at));
            } else {
                break;
            }
        }
        if self.dialect == Dialect::Sqlite {
            Ok(left_to_right(tree, steps))
        } else {
            self.nest(tree, steps)
        }
    }

    fn at_join(&self) -> bool {
        match self.kw(0) {
            Kw::Join | Kw::Inner | Kw::Cross | Kw::Left | Kw::Right | Kw::Natural => true,
            Kw::Full => self.dialect != Dialect::Mysql,
            Kw::StraightJoin => self.dialect == Dialect::Mysql,
            Kw::Outer => self.dialect == Dialect::Sqlite,
            _ => self.dialect == Dialect::Sqlite && self.is(0, TokenKind::Comma),
        }
    }

    /// A join operator, if one stands here.
    fn operator(&mut self) -> Parse<Option<Operator>> {
        if !self.at_join() {
            return Ok(None);
        }
        let at = self.at;
        if self.is(0, TokenKind::Comma) {
            return Ok(Some(self.comma()));
        }
        if self.eat(Kw::StraightJoin) {
            return Ok(Some(Operator {
                kind: JoinKind::Inner,
                natural: false,
                condition: Condition::Optional,
                at,
            }));
        }
        // SQLite takes its join words in any order.
        let (mut natural, mut cross, mut kind) = (false, false, JoinKind::Inner);
        loop {
            match self.kw(0) {
                Kw::Natural => natural = true,
                Kw::Cross => cross = true,
                Kw::Left if kind == JoinKind::Right => kind = JoinKind::Full,
                Kw::Right if kind == JoinKind::Left => kind = JoinKind::Full,
                Kw::Left => kind = JoinKind::Left,
                Kw::Right => kind = JoinKind::Right,
                Kw::Full => kind = JoinKind::Full,
                Kw::Inner | Kw::Outer => {}
                _ => break,
            }
            self.at += 1;
        }
        self.expect(Kw::Join, "`JOIN`")?;
        let condition = match (self.dialect, kind) {
            _ if natural => Condition::No,
            (Dialect::Postgres, _) if cross => Condition::No,
            (Dialect::Mysql, JoinKind::Inner) | (Dialect::Sqlite, _) => Condition::Optional,
            _ => Condition::Required,
        };
        Ok(Some(Operator {
            kind,
            natural,
            condition,
            at,
        }))
    }

    fn at_constraint(&self) -> bool {
        match self.kw(0) {
            Kw::On => !(self.kw(1) == Kw::Duplicate && self.kw(2) == Kw::Key),
            Kw::Using => self.is(1, TokenKind::LParen),
            _ => false,
        }
    }

    fn constraint(&mut self) -> Parse<Constraint> {
        if self.kw(0) == Kw::On {
            return self.clause(Ends::Join).map(Constraint::On);
        }
        self.at += 1;
        let columns = self.name_list()?;
        // `JOIN … USING (a) AS j` names the merged columns.
        if self.dialect == Dialect::Postgres && self.eat(Kw::As) {
            self.name("an alias")?;
        }
        Ok(Constraint::Using(columns))
    }

    /// PostgreSQL and MySQL: a condition belongs to the nearest join before it that has none, and
    /// what stands between is that join's right operand. A join that is left without one takes
    /// its neighbours.
    fn nest(&self, tree: &mut Tree, steps: Vec<Step>) -> Parse<usize> {
        let conditioned = self.match_conditions(&steps)?;
        let mut waiting: Vec<(usize, Operator)> = Vec::new();
        let mut current = 0;
        let mut next: Option<Operator> = None;
        for (step, conditioned) in steps.into_iter().zip(conditioned) {
            match step {
                Step::Operator(operator) if conditioned => waiting.push((current, operator)),
                Step::Operator(operator) => next = Some(operator),
                Step::Operand(node) => {
                    current = match next.take() {
                        Some(operator) => tree.join(current, operator, node),
                        None => node,
                    };
                }
                Step::Constraint(condition, end) => {
                    if let Some((left, operator)) = waiting.pop() {
                        current = tree.join(left, operator, current);
                        tree.constrain(current, condition, end);
                    }
                }
            }
        }
        Ok(current)
    }

    /// For each step, whether it is a join that has a condition.
    fn match_conditions(&self, steps: &[Step]) -> Parse<Vec<bool>> {
        let mut conditioned = vec![false; steps.len()];
        let mut open = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            match step {
                Step::Operator(operator) if operator.condition != Condition::No => open.push(at),
                Step::Constraint(..) => {
                    if let Some(join) = open.pop() {
                        conditioned[join] = true;
                    }
                }
                _ => {}
            }
        }
        for at in open {
            if let Step::Operator(operator) = &steps[at]
                && operator.condition == Condition::Required
            {
                return Err(self.fault(
                    operator.at,
                    "a join without a condition",
                    "neither ON nor USING belongs to this join",
                    "write `ON …`, or `CROSS JOIN`",
                ));
            }
        }
        Ok(conditioned)
    }
}

/// SQLite: strictly from left to right, a condition behind the operand it joins.
fn left_to_right(tree: &mut Tree, steps: Vec<Step>) -> usize {
    let mut current = 0;
    let mut next: Option<Operator> = None;
    for step in steps {
        match step {
            Step::Operator(operator) => next = Some(operator),
            Step::Operand(node) => {
                current = match next.take() {
                    Some(operator) => tree.join(current, operator, node),
                    None => node,
                };
            }
            Step::Constraint(condition, end) => tree.constrain(current, condition, end),
        }
    }
    current
}
