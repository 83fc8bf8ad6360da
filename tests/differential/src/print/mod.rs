//! Writes a statement as SQL and notes at which bytes its table references stand.

mod expr;
mod spelling;
mod write;

use std::ops::Range;

use soft_delete_sql::Dialect;

use crate::{
    ast::{
        Body, Constraint, Expr, From, Hint, Item, JoinKind, Query, Ref, Select, Statement, With,
    },
    generate::Case,
    world::World,
};

/// The text of a statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Printed {
    pub(crate) sql: String,
    /// The bytes of each reference's name, by [`Ref::id`], in source order.
    pub(crate) references: Vec<(usize, Range<usize>)>,
}

/// Gives a reference another table to read, or `None` to leave it as written.
pub(crate) type Rename<'a> = &'a dyn Fn(&Ref) -> Option<String>;

/// The statement as written.
pub(crate) fn plain(world: &World, statement: &Statement) -> Printed {
    renamed(world, statement, &|_| None)
}

/// The statement of a case, oddly spelled where the case says so.
pub(crate) fn spelled(world: &World, case: &Case) -> Printed {
    let rng = case.spelling.map(fastrand::Rng::with_seed);
    let printed = raw(world.dialect, &case.statement, &|_| None);
    spelling::spell(world.dialect, &world.names, &printed, rng)
}

/// Whether MySQL runs a comment of the text.
pub(crate) fn runs_comment(sql: &str) -> bool {
    spelling::EXECUTABLE.iter().any(|start| sql.contains(start))
}

/// A script or query with the names of the world.
pub(crate) fn script(world: &World, sql: String) -> String {
    let printed = Printed {
        sql,
        references: Vec::new(),
    };
    spelling::spell(world.dialect, &world.names, &printed, None).sql
}

/// The statement with some references reading another table under their old name.
pub(crate) fn renamed(world: &World, statement: &Statement, rename: Rename<'_>) -> Printed {
    let printed = raw(world.dialect, statement, rename);
    spelling::spell(world.dialect, &world.names, &printed, None)
}

fn raw(dialect: Dialect, statement: &Statement, rename: Rename<'_>) -> Printed {
    let mut printer = Printer {
        dialect,
        out: Printed::default(),
        rename,
    };
    printer.statement(statement);
    printer.out
}

/// An expression alone, with the plain names.
pub(crate) fn expression(dialect: Dialect, expr: &Expr) -> String {
    let mut printer = Printer {
        dialect,
        out: Printed::default(),
        rename: &|_| None,
    };
    printer.expr(expr);
    printer.out.sql
}

const fn word(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Inner => " JOIN ",
        JoinKind::Straight => " STRAIGHT_JOIN ",
        JoinKind::Cross => " CROSS JOIN ",
        JoinKind::Left => " LEFT JOIN ",
        JoinKind::Right => " RIGHT OUTER JOIN ",
        JoinKind::Full => " FULL JOIN ",
    }
}

struct Printer<'a> {
    dialect: Dialect,
    out: Printed,
    rename: Rename<'a>,
}

impl Printer<'_> {
    pub(super) fn put(&mut self, text: &str) {
        self.out.sql.push_str(text);
    }

    fn list<T>(&mut self, items: &[T], separator: &str, mut each: impl FnMut(&mut Self, &T)) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.put(separator);
            }
            each(self, item);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Update(update) => self.update(update),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
        }
    }

    pub(super) fn with(&mut self, with: &With) {
        if with.ctes.is_empty() {
            return;
        }
        self.put(if with.recursive {
            "WITH RECURSIVE "
        } else {
            "WITH "
        });
        self.list(&with.ctes, ", ", |p, cte| {
            p.put(&cte.name);
            p.column_list(&cte.columns);
            p.put(match cte.materialized {
                None => " AS (",
                Some(true) => " AS MATERIALIZED (",
                Some(false) => " AS NOT MATERIALIZED (",
            });
            p.statement(&cte.body);
            p.put(")");
        });
        self.put(" ");
    }

    pub(super) fn column_list(&mut self, columns: &[String]) {
        if !columns.is_empty() {
            self.put(" (");
            self.put(&columns.join(", "));
            self.put(")");
        }
    }

    pub(super) fn query(&mut self, query: &Query) {
        self.with(&query.with);
        self.body(&query.body);
        if !query.order.is_empty() {
            self.put(" ORDER BY ");
            if let Body::Select(select) = &query.body
                && let Some(sort) = &select.sort
            {
                self.operand(sort);
                self.put(", ");
            }
            self.list(&query.order, ", ", |p, (at, descending)| {
                p.put(&at.to_string());
                if *descending {
                    p.put(" DESC");
                }
            });
        }
        if let Some((limit, offset)) = query.limit {
            match &query.limit_by {
                Some(query) => {
                    self.put(" LIMIT (");
                    self.query(query);
                    self.put(")");
                }
                None => self.put(&format!(" LIMIT {limit}")),
            }
            if offset > 0 {
                self.put(&format!(" OFFSET {offset}"));
            }
        }
        if let Some(lock) = &query.lock {
            self.put(" ");
            self.put(lock);
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Select(select) => self.select(select),
            Body::Values(rows) => {
                self.put("VALUES ");
                self.list(rows, ", ", |p, row| {
                    p.put("(");
                    p.list(row, ", ", Self::expr);
                    p.put(")");
                });
            }
            Body::Table(reference) => {
                self.put("TABLE ");
                self.reference(reference);
            }
            Body::Combine { op, left, right } => {
                self.body(left);
                self.put(" ");
                self.put(op);
                self.put(" ");
                self.body(right);
            }
            Body::Paren(query) => {
                self.put("(");
                self.query(query);
                self.put(")");
            }
        }
    }

    fn select(&mut self, select: &Select) {
        let comment = |bit: u8| select.comments & (1 << bit) != 0;
        self.put("SELECT ");
        if let Some(expr) = &select.distinct_on {
            self.put("DISTINCT ON (");
            self.expr(expr);
            self.put(") ");
        } else if select.distinct {
            self.put("DISTINCT ");
        }
        self.list(&select.items, ", ", |p, item| match item {
            Item::Star => p.put("*"),
            Item::QualifiedStar(name) => p.put(&format!("{name}.*")),
            Item::Expr { expr, alias } => {
                p.expr(expr);
                if let Some(alias) = alias {
                    p.put(&format!(" AS {alias}"));
                }
            }
        });
        if !select.from.is_empty() {
            self.put(if comment(0) {
                " -- WHERE deleted_at IS NULL\n FROM "
            } else {
                " FROM "
            });
            self.list(&select.from, ", ", Self::from);
        }
        if let Some(filter) = &select.filter {
            self.put(if comment(1) {
                " WHERE /* deleted_at IS NULL AND */ "
            } else {
                " WHERE "
            });
            self.expr(filter);
            if comment(2) {
                self.put(" -- OR ' deleted_at IS NULL\n");
            }
        } else if comment(2) {
            self.put(" -- WHERE deleted_at IS NULL\n");
        }
        if !select.group.is_empty() {
            self.put(" GROUP BY ");
            match select.grouping {
                Some("WITH ROLLUP") | None => {
                    self.list(&select.group, ", ", Self::expr);
                    self.put(select.grouping.map_or("", |_| " WITH ROLLUP"));
                }
                Some(grouping) => {
                    self.put(grouping);
                    self.put(" (");
                    self.list(&select.group, ", ", Self::expr);
                    self.put(")");
                }
            }
        }
        if let Some(having) = &select.having {
            self.put(" HAVING ");
            self.expr(having);
        }
        if let Some((name, over)) = &select.window {
            self.put(&format!(" WINDOW {name} AS "));
            self.over(over);
        }
    }

    pub(super) fn from(&mut self, from: &From) {
        match from {
            From::Table(reference) => self.reference(reference),
            From::Cte { name, alias } => {
                self.put(name);
                if let Some(alias) = alias {
                    self.put(&format!(" AS {alias}"));
                }
            }
            From::Derived {
                query,
                alias,
                columns,
                lateral,
            } => {
                self.put(if *lateral { "LATERAL (" } else { "(" });
                self.query(query);
                self.put(&format!(") AS {alias}"));
                self.column_list(columns);
            }
            From::Join(join) => {
                self.from(&join.left);
                self.put(if matches!(join.constraint, Constraint::Natural) {
                    " NATURAL"
                } else {
                    ""
                });
                self.put(word(join.kind));
                self.from(&join.right);
                match &join.constraint {
                    Constraint::None | Constraint::Natural => {}
                    Constraint::On(expr) => {
                        self.put(" ON ");
                        self.expr(expr);
                    }
                    Constraint::Using(names) => {
                        self.put(&format!(" USING ({})", names.join(", ")));
                    }
                }
            }
            From::Paren { inner, alias } => {
                self.put("(");
                self.from(inner);
                self.put(")");
                if let Some(alias) = alias {
                    self.put(&format!(" AS {alias}"));
                }
            }
        }
    }

    pub(super) fn reference(&mut self, reference: &Ref) {
        if reference.hint == Hint::Only {
            self.put("ONLY ");
        }
        let start = self.out.sql.len();
        let other = (self.rename)(reference);
        self.put(other.as_deref().unwrap_or(&reference.spelled));
        let end = self.out.sql.len();
        self.out.references.push((reference.id, start..end));
        if reference.hint == Hint::Descendants {
            self.put(" *");
        }
        let unqualified = reference.spelled.rsplit('.').next();
        let name = other.as_ref().and(unqualified);
        if let Some(alias) = reference.alias.as_deref().or(name) {
            self.put(&format!(" AS {alias}"));
        }
        self.column_list(&reference.columns);
        match reference.hint {
            Hint::SampleAll => self.put(" TABLESAMPLE BERNOULLI (100)"),
            Hint::NotIndexed if self.dialect == Dialect::Mysql => self.put(" USE INDEX ()"),
            Hint::NotIndexed => self.put(" NOT INDEXED"),
            Hint::None | Hint::Only | Hint::Descendants => {}
        }
    }
}
