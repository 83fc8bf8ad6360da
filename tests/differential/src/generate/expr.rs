//! Expressions of a type, with subqueries at any place.

use soft_delete_sql::Dialect;

use super::{Env, Generator, Visible};
use crate::{
    ast::{Expr, Over, Query, Type},
    world::Marker,
};

/// Columns that mark rows, with what they mark by.
const MARKERS: [(&str, Marker); 5] = [
    ("deleted_at", Marker::Time("deleted_at")),
    ("removed_at", Marker::Time("removed_at")),
    ("is_deleted", Marker::Bool),
    ("removed", Marker::Int),
    ("purged_at", Marker::MaybeInt),
];

impl Generator<'_> {
    /// A random expression; `depth` bounds its nesting.
    pub(super) fn expr(&mut self, env: &Env, ty: Type, depth: u32) -> Expr {
        match ty {
            Type::Int => self.int(env, depth),
            Type::Text => self.text(env, depth),
            Type::Bool => self.bool(env, depth),
            Type::Time => self.time(env, depth),
        }
    }

    /// A column of the type, mostly of the innermost block.
    pub(super) fn column(&mut self, env: &Env, ty: Type) -> Option<Expr> {
        let frames = env.frames.len();
        let at = match frames {
            0 => return None,
            1 => 0,
            _ if self.chance(75) => frames - 1,
            _ => self.rng.usize(..frames - 1),
        };
        self.column_at(env, at, |column| column.ty == ty)
    }

    /// A column of the block at a depth, named so that the blocks inside do not make it ambiguous
    /// or take it for one that their GROUP BY does not fix.
    fn column_at(
        &mut self,
        env: &Env,
        at: usize,
        wanted: impl Fn(&Visible) -> bool,
    ) -> Option<Expr> {
        let inside = &env.frames[at + 1..];
        let frame = &env.frames[at];
        let Expr::Column { qualifier, name } = self.column_in(frame, &wanted)? else {
            return None;
        };
        let ambiguous = |frame: &Vec<Visible>| {
            let same = frame.iter().filter(|column| column.name == name);
            same.clone().count() > 1 && same.clone().all(|column| column.relation.is_some())
        };
        let mut qualifier = qualifier;
        if qualifier.is_none() && inside.iter().any(ambiguous) {
            let mut same = frame
                .iter()
                .filter(|column| !column.covered && column.name == name);
            qualifier = Some(same.find_map(|column| column.relation.clone())?);
        }
        let takes = |column: &Visible| match &qualifier {
            None => column.name == name,
            Some(relation) => {
                let own = column.relation.as_deref().unwrap_or_default();
                own.eq_ignore_ascii_case(relation) && (column.name == name || !self.is_sqlite())
            }
        };
        let mut nearer = inside.iter().flatten().filter(|column| takes(column));
        let unusable = nearer.any(|column| column.ungrouped || column.name != name);
        (!unusable).then_some(Expr::Column { qualifier, name })
    }

    /// A column of one block, by its qualifier or bare where that is enough.
    pub(super) fn column_in(
        &mut self,
        frame: &[Visible],
        wanted: impl Fn(&Visible) -> bool,
    ) -> Option<Expr> {
        let bare = |name: &str| {
            let same = frame.iter().filter(|c| !c.covered && c.name == name);
            same.count() == 1
        };
        let usable: Vec<&Visible> = frame
            .iter()
            .filter(|column| wanted(column) && !column.ungrouped)
            .filter(|column| column.relation.is_some() || bare(&column.name))
            .collect();
        let column = self.pick(&usable)?;
        let unqualified =
            column.relation.is_none() || (!column.covered && bare(&column.name) && self.chance(30));
        let qualifier = column.relation.as_deref().filter(|_| !unqualified);
        Some(Expr::column(qualifier, &column.name))
    }

    fn int(&mut self, env: &Env, depth: u32) -> Expr {
        let choice = self.rng.u8(..100);
        if depth == 0 || choice < 60 {
            let column = if self.chance(85) {
                self.column(env, Type::Int)
            } else {
                None
            };
            return column.unwrap_or_else(|| Expr::literal(self.rng.u8(..4).to_string()));
        }
        match choice {
            60..=61 => self.physical(env),
            62..=68 => {
                let op = self.one(["+", "-", "*"]);
                let left = self.int(env, depth - 1);
                Expr::binary(left, op, self.int(env, 0))
            }
            69..=76 => self.case(env, Type::Int, depth),
            77..=82 => Expr::call(
                "coalesce",
                vec![self.int(env, depth - 1), Expr::literal("7")],
            ),
            83..=85 => Expr::call("length", vec![self.text(env, depth - 1)]),
            _ => self.scalar(env, Type::Int, depth),
        }
    }

    /// What only a table has, not a derived table.
    fn physical(&mut self, env: &Env) -> Expr {
        let tables: Vec<String> = env
            .local()
            .iter()
            // Of a group it is determined where the key is one of `GROUP BY`.
            .filter(|column| column.name == "id" && !column.ungrouped)
            .filter(|column| {
                column
                    .base
                    .is_some_and(|at| self.world.tables[at].view_of.is_none())
            })
            .filter_map(|column| column.relation.clone())
            .filter(|relation| !relation.contains('.'))
            .collect();
        match self.pick(&tables) {
            // The row as a whole.
            Some(table) if self.is_postgres() => {
                let row = Expr::Cast(Box::new(Expr::column(None, &table)), "TEXT");
                Expr::call("length", vec![row])
            }
            // Another name of `id`.
            Some(table) if self.is_sqlite() => Expr::column(Some(&table), "rowid"),
            _ => self.int(env, 0),
        }
    }

    fn text(&mut self, env: &Env, depth: u32) -> Expr {
        let choice = self.rng.u8(..100);
        if depth == 0 || choice < 70 {
            let column = if self.chance(80) {
                self.column(env, Type::Text)
            } else {
                None
            };
            let literal = self.one(["'a'", "'b'", "'c'", "'it''s -- deleted_at IS NULL'"]);
            return column.unwrap_or_else(|| Expr::literal(literal));
        }
        match choice {
            70..=79 => {
                let (left, right) = (self.text(env, depth - 1), self.text(env, 0));
                if self.is_mysql() && self.rng.bool() {
                    Expr::call("concat", vec![left, right])
                } else {
                    Expr::binary(left, "||", right)
                }
            }
            80..=88 => self.case(env, Type::Text, depth),
            89..=92 => Expr::call("coalesce", vec![self.text(env, 0), Expr::literal("'z'")]),
            _ => self.scalar(env, Type::Text, depth),
        }
    }

    fn time(&mut self, env: &Env, depth: u32) -> Expr {
        if depth > 0 && self.chance(15) {
            return self.scalar(env, Type::Time, depth);
        }
        let column = self.column(env, Type::Time);
        column.unwrap_or_else(|| {
            let ty = match self.world.dialect {
                Dialect::Postgres => "TIMESTAMP",
                Dialect::Mysql => "DATETIME",
                Dialect::Sqlite => "TEXT",
            };
            let value = if self.rng.bool() {
                "NULL"
            } else {
                "'2024-01-02 00:00:00'"
            };
            Expr::Cast(Box::new(Expr::literal(value)), ty)
        })
    }

    fn case(&mut self, env: &Env, ty: Type, depth: u32) -> Expr {
        let arms = (0..self.rng.usize(1..3))
            .map(|_| (self.bool(env, depth - 1), self.expr(env, ty, depth - 1)))
            .collect();
        Expr::Case(arms, Box::new(self.expr(env, ty, depth - 1)))
    }

    /// A subquery of one value.
    fn scalar(&mut self, env: &Env, ty: Type, depth: u32) -> Expr {
        if self.budget == 0 {
            return self.expr(env, ty, 0);
        }
        Expr::Scalar(Box::new(self.single(env, ty, depth - 1)))
    }

    fn bool(&mut self, env: &Env, depth: u32) -> Expr {
        let choice = self.rng.u8(..100);
        if depth == 0 || choice < 40 {
            return self.comparison(env, depth);
        }
        match choice {
            40..=54 => {
                let parts = (0..self.rng.usize(2..4)).map(|_| self.bool(env, depth - 1));
                let parts: Vec<Expr> = parts.collect();
                if self.rng.bool() {
                    Expr::Any(parts)
                } else {
                    Expr::All(parts)
                }
            }
            55..=60 => self.bool(env, depth - 1).negated(),
            61..=70 => {
                let test = self.marker_test(env, !self.contradicts);
                test.unwrap_or_else(|| self.comparison(env, depth))
            }
            71..=73 => {
                let column = self.column(env, Type::Bool);
                let column = column.filter(|column| self.contradicts || !is_marker(column));
                column.unwrap_or_else(|| self.comparison(env, depth))
            }
            _ if self.budget == 0 => self.comparison(env, depth),
            74..=86 => {
                // MariaDB 10.11 loses rows behind such a window where it reads a derived table that an
                // outer join gave no row.
                let windows = self.windows;
                self.windows &= !self.is_mysql();
                let query = Box::new(self.query(env, None, depth - 1, false).0);
                self.windows = windows;
                Expr::Exists(self.rng.bool(), query)
            }
            87..=96 => {
                let ty = self.one([Type::Int, Type::Int, Type::Text]);
                let value = Box::new(self.expr(env, ty, 0));
                let query = Box::new(self.listed(env, ty, depth - 1));
                Expr::InQuery(value, self.rng.bool(), query)
            }
            _ => {
                let value = Box::new(self.int(env, 0));
                let query = Box::new(self.listed(env, Type::Int, depth - 1));
                if self.is_sqlite() {
                    Expr::InQuery(value, true, query)
                } else {
                    let op = self.one(["= ANY", "<> ALL", "< SOME", ">= ALL"]);
                    Expr::Quantified(value, op, query)
                }
            }
        }
    }

    /// A query behind IN or ANY, where MySQL knows no LIMIT.
    fn listed(&mut self, env: &Env, ty: Type, depth: u32) -> Query {
        // MariaDB 10.11 compares with a window of such a query before it is computed.
        let windows = self.windows;
        self.windows &= !self.is_mysql();
        let mut query = self.query(env, Some(&[ty]), depth, false).0;
        self.windows = windows;
        if self.is_mysql() {
            query.limit = None;
            query.lock = None;
        }
        query
    }

    fn comparison(&mut self, env: &Env, depth: u32) -> Expr {
        let ty = self.one([Type::Int, Type::Int, Type::Int, Type::Text]);
        let inner = depth.saturating_sub(1);
        let left = self.expr(env, ty, inner);
        match self.rng.u8(..10) {
            0..=5 => {
                let op = self.one(["=", "=", "<", ">", "<>", "<=", ">="]);
                Expr::binary(left, op, self.expr(env, ty, inner))
            }
            6 => {
                let test = self.one(["IS NULL", "IS NOT NULL"]);
                let any = self.one([Type::Int, Type::Text, Type::Time, Type::Bool]);
                let column = self.column(env, any).filter(|column| !is_marker(column));
                column.unwrap_or(left).postfix(test)
            }
            7 => {
                let low = self.expr(env, ty, 0);
                let high = self.expr(env, ty, inner);
                Expr::Between(Box::new(left), Box::new(low), Box::new(high))
            }
            8 => {
                let list = vec![self.expr(env, ty, 0), self.expr(env, ty, 0)];
                Expr::In(Box::new(left), self.rng.bool(), list)
            }
            _ => {
                let op = match self.world.dialect {
                    Dialect::Postgres => self.one(["IS DISTINCT FROM", "IS NOT DISTINCT FROM"]),
                    Dialect::Mysql => "<=>",
                    Dialect::Sqlite => self.one(["IS", "IS NOT"]),
                };
                Expr::binary(left, op, self.expr(env, ty, 0))
            }
        }
    }

    /// A hand-written test of some visible marker: right or wrong, as people write it.
    pub(super) fn marker_test(&mut self, env: &Env, live: bool) -> Option<Expr> {
        let is_marker = |column: &Visible| MARKERS.iter().any(|(name, _)| *name == column.name);
        let mut at = env.frames.len().checked_sub(1)?;
        // A name that an outer block binds says nothing about this one.
        if at > 0 && self.chance(12) {
            at = self.rng.usize(..=at);
        }
        let column = self.column_at(env, at, is_marker)?;
        let Expr::Column { name, .. } = &column else {
            return None;
        };
        let marker = MARKERS.iter().find(|(marker, _)| marker == name)?.1;
        Some(if live || self.chance(60) {
            self.live_test(column, marker)
        } else {
            self.other_test(column, marker)
        })
    }

    fn live_test(&mut self, column: Expr, marker: Marker) -> Expr {
        live_test(&mut self.rng, self.world.dialect, column, marker)
    }

    /// Tests that keep other rows, or none.
    fn other_test(&mut self, column: Expr, marker: Marker) -> Expr {
        match marker {
            Marker::Time(_) | Marker::Custom => match self.rng.u8(..5) {
                0 | 1 => column.postfix("IS NOT NULL"),
                2 => Expr::binary(column, ">", Expr::literal("'2024-01-01 12:00:00'")),
                3 => column.postfix("IS NULL").negated(),
                _ => Expr::binary(column, "=", Expr::literal("NULL")),
            },
            Marker::Bool | Marker::MaybeBool => match self.rng.u8(..3) {
                0 => column,
                1 => Expr::binary(column, "=", Expr::literal("TRUE")),
                _ => column.postfix("IS TRUE"),
            },
            Marker::MaybeInt => match self.rng.u8(..4) {
                0 => column.postfix("IS NOT NULL"),
                1 => Expr::binary(column, ">=", Expr::literal("1")),
                2 => column.postfix("IS NULL").negated(),
                _ => Expr::binary(column, "=", Expr::literal("0")),
            },
            Marker::Int => match self.rng.u8(..3) {
                0 => Expr::binary(column, "=", Expr::literal("1")),
                1 => Expr::binary(column, "<>", Expr::literal("0")),
                _ => Expr::binary(column, ">=", Expr::literal("0")),
            },
        }
    }

    /// An aggregate over the innermost block.
    pub(super) fn aggregate(&mut self, env: &Env, ty: Type, depth: u32) -> Expr {
        let mut local = env.clone();
        local.frames = vec![env.local().to_vec()];
        let (name, args) = match ty {
            Type::Int => match self.rng.u8(..4) {
                0 => ("count", vec![Expr::literal("*")]),
                1 => (
                    "count",
                    self.column(&local, Type::Int).into_iter().collect(),
                ),
                2 => ("sum", self.column(&local, Type::Int).into_iter().collect()),
                _ => (
                    self.one(["min", "max"]),
                    self.column(&local, Type::Int).into_iter().collect(),
                ),
            },
            Type::Bool => {
                let count = Expr::call("count", vec![Expr::literal("*")]);
                return Expr::binary(count, ">", Expr::literal(self.rng.u8(..3).to_string()));
            }
            Type::Text | Type::Time => (
                self.one(["min", "max"]),
                self.column(&local, ty).into_iter().collect::<Vec<_>>(),
            ),
        };
        if args.is_empty() {
            let many = self.aggregate(env, Type::Bool, 0);
            let none = Env::default();
            let (yes, no) = (self.expr(&none, ty, 0), self.expr(&none, ty, 0));
            return Expr::Case(vec![(many, yes)], Box::new(no));
        }
        let is_star = matches!(args.as_slice(), [Expr::Literal(_)]);
        let filter = if !self.is_mysql() && self.chance(15) {
            Some(Box::new(self.bool(&local, depth.min(1))))
        } else {
            None
        };
        Expr::Call {
            name,
            distinct: !is_star && self.chance(15),
            args,
            filter,
            over: None,
        }
    }

    /// A window function whose result does not depend on how ties are broken.
    pub(super) fn window(&mut self, env: &Env, named: Option<&str>) -> Expr {
        let over = match named {
            Some(name) => Over {
                name: Some(name.to_owned()),
                ..Over::default()
            },
            None => self.over(env),
        };
        // MariaDB ranks by an order only.
        let ranks = !self.is_mysql() || (!over.order.is_empty() && over.frame.is_none());
        let choice = if ranks { self.rng.u8(..4) } else { 2 };
        let (name, args) = match choice {
            0 => ("rank", Vec::new()),
            1 => ("dense_rank", Vec::new()),
            2 => ("count", vec![Expr::literal("*")]),
            _ => ("sum", self.column(env, Type::Int).into_iter().collect()),
        };
        let (name, args) = match name {
            "sum" if args.is_empty() => ("count", vec![Expr::literal("*")]),
            _ => (name, args),
        };
        Expr::Call {
            name,
            distinct: false,
            args,
            filter: None,
            over: Some(over),
        }
    }

    pub(super) fn over(&mut self, env: &Env) -> Over {
        let mut over = Over::default();
        if self.chance(8) {
            over.partition.push(self.expr(env, Type::Int, 2));
        } else if self.rng.bool() {
            over.partition.extend(self.column(env, Type::Int));
        }
        if self.chance(70) {
            over.order.extend(self.column(env, Type::Int));
        }
        if over.order.len() == 1 && self.chance(25) {
            // Rows that are equal in the order have the same frame.
            let everywhere = [
                "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                "RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
            ];
            let more = [
                "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
                "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
                "RANGE UNBOUNDED PRECEDING EXCLUDE TIES",
                "RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE GROUP",
            ];
            over.frame = Some(if self.is_mysql() || self.rng.bool() {
                self.one(everywhere)
            } else {
                self.one(more)
            });
        }
        over
    }
}

/// Ways to write that a row is live.
pub(crate) fn live_test(
    rng: &mut fastrand::Rng,
    dialect: Dialect,
    column: Expr,
    marker: Marker,
) -> Expr {
    match marker {
        Marker::Time(_) | Marker::Custom | Marker::MaybeInt => match rng.u8(..10) {
            0..=5 => column.postfix("IS NULL"),
            6 => column.postfix("IS NOT NULL").negated(),
            7 => Expr::Paren(Box::new(column.postfix("IS NULL"))),
            8 if dialect != Dialect::Mysql => column.postfix("ISNULL"),
            _ => Expr::binary(column.postfix("IS NULL"), "=", Expr::literal("TRUE")),
        },
        Marker::MaybeBool => column.postfix("IS NOT TRUE"),
        Marker::Bool => match rng.u8(..4) {
            0 => column.negated(),
            1 => column.postfix("IS FALSE"),
            2 => column.postfix("IS NOT TRUE"),
            _ => Expr::binary(column, "=", Expr::literal("FALSE")),
        },
        Marker::Int => Expr::binary(column, "=", Expr::literal("0")),
    }
}

fn is_marker(expr: &Expr) -> bool {
    matches!(expr, Expr::Column { name, .. } if MARKERS.iter().any(|(marker, _)| marker == name))
}
