//! Writes marker tests into a statement by hand, as a careful developer would, and often enough
//! as a careless one.

use soft_delete_sql::Dialect;

use crate::{
    ast::{Body, Conflict, Constraint, Expr, From, Item, Query, Ref, Select, Statement, With},
    generate::live_test,
    place::{Place, closed, places, put_on},
    walk::{self, Node, walk},
    world::{Marker, World},
};

/// Writes a test for every soft-deletable reference, or a wrong one; true when all are written
/// where they belong.
pub(crate) fn prove(world: &World, statement: &mut Statement, rng: &mut fastrand::Rng) -> bool {
    let careless = rng.u8(..100) < 55;
    let mut prover = Prover {
        world,
        rng,
        careless,
        careful: !careless,
        skipped: Vec::new(),
        tests: Vec::new(),
        delegated: Vec::new(),
        shared: Vec::new(),
    };
    walk(statement, &mut |node| match node {
        Node::With(with) => prover.with(with),
        Node::Select(select) => {
            let Select { from, filter, .. } = select;
            prover.block(None, from, filter);
        }
        Node::Statement(Statement::Update(update)) => {
            prover.block(Some(&update.target), &mut update.from, &mut update.filter);
            // Its tests may belong into that ON.
            prover.careful &= update.joined.is_none();
        }
        Node::Statement(Statement::Insert(insert)) => {
            if let Some(conflict) = &mut insert.conflict {
                prover.conflict(&insert.target, conflict);
            }
        }
        // They have no place for a test.
        Node::Body(Body::Table(_)) | Node::Statement(Statement::Merge(_)) => prover.careful = false,
        Node::Statement(Statement::Delete(delete)) => {
            prover.block(Some(&delete.target), &mut delete.using, &mut delete.filter);
            prover.careful &= delete.joined.is_none();
        }
        _ => {}
    });
    prover.careful
}

/// The columns that the joins of an item merge by USING; every marker where one is NATURAL.
fn merged_names(from: &From, names: &mut Vec<String>) {
    match from {
        From::Join(join) => {
            match &join.constraint {
                Constraint::Using(columns) => names.extend(columns.iter().cloned()),
                Constraint::Natural => {
                    names.extend(["deleted_at", "removed_at", "is_deleted"].map(str::to_owned));
                }
                Constraint::None | Constraint::On(_) => {}
            }
            merged_names(&join.left, names);
            merged_names(&join.right, names);
        }
        From::Paren { inner, .. } => merged_names(inner, names),
        From::Table(_) | From::Cte { .. } | From::Derived { .. } => {}
    }
}

struct Prover<'a> {
    world: &'a World,
    rng: &'a mut fastrand::Rng,
    /// Whether mistakes are made.
    careless: bool,
    /// Nothing was left out or written elsewhere so far.
    careful: bool,
    /// References that are tested where their rows are used.
    skipped: Vec<usize>,
    /// The tests so far: of this block, of those around it and of others.
    tests: Vec<Expr>,
    /// CTEs whose uses are tested, with the marker they give.
    delegated: Vec<(String, &'static str, Marker)>,
    /// Columns that several tables of this block have.
    shared: Vec<&'static str>,
}

impl Prover<'_> {
    fn percent(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }

    /// Leaves the tests of some CTEs to where they are used.
    fn with(&mut self, with: &With) {
        for cte in &with.ctes {
            let Statement::Query(body) = &*cte.body else {
                continue;
            };
            let Some((column, marker)) = self.marker_of(body) else {
                continue;
            };
            if cte.columns.is_empty() && self.percent(25) {
                self.skip(&cte.body);
                self.delegated.push((cte.name.clone(), column, marker));
            }
        }
    }

    fn skip(&mut self, statement: &Statement) {
        self.careful = false;
        let inside = walk::references(statement);
        self.skipped
            .extend(inside.iter().map(|reference| reference.id));
    }

    /// The first output that has the name of a marker.
    fn marker_of(&self, query: &Query) -> Option<(&'static str, Marker)> {
        let mut body = &query.body;
        while let Body::Combine { left, .. } = body {
            body = left;
        }
        let Body::Select(select) = body else {
            return None;
        };
        let known = |name: &str| -> Option<(&'static str, Marker)> {
            [
                Marker::Time("deleted_at"),
                Marker::Time("removed_at"),
                Marker::Bool,
                Marker::Int,
                Marker::MaybeInt,
            ]
            .into_iter()
            .map(|marker| (marker.column(), marker))
            .find(|(column, _)| *column == name)
        };
        select.items.iter().find_map(|item| match item {
            Item::Expr {
                alias: Some(alias), ..
            } => known(alias),
            Item::Expr {
                expr: Expr::Column { name, .. },
                ..
            } => known(name),
            Item::Expr { .. } | Item::QualifiedStar(_) => None,
            Item::Star => match select.from.as_slice() {
                [From::Table(reference)] => {
                    known(self.world.tables[reference.table].marker?.column())
                }
                _ => None,
            },
        })
    }

    fn block(&mut self, target: Option<&Ref>, from: &mut [From], filter: &mut Option<Expr>) {
        let mut all: Vec<(From, Place)> = places(self.world.dialect, from)
            .into_iter()
            .map(|carried| (carried.item.clone(), carried.place()))
            .collect();
        if let Some(target) = target {
            all.push((From::Table(target.clone()), Place::Where));
        }
        let ons: Vec<usize> = all
            .iter()
            .filter_map(|(_, place)| match place {
                Place::On(id) => Some(*id),
                Place::Where | Place::Nowhere => None,
            })
            .collect();
        self.shared = self.shared_columns(&all);
        let mut merged = Vec::new();
        for item in from.iter() {
            merged_names(item, &mut merged);
        }
        let mut own = Vec::new();
        for (item, place) in all {
            let test = match self.misnamed(&item, &merged) {
                Some(test) => Some(test),
                None => self.test_of(&item),
            };
            own.extend(test.map(|test| (test, place)));
        }
        self.tests.extend(own.iter().map(|(test, _)| test.clone()));
        for (mut test, mut place) in own {
            if place == Place::Nowhere {
                self.careful = false;
            }
            if self.careless && self.percent(40) {
                self.careful = false;
                match self.rng.u8(..10) {
                    0 => continue,
                    // The marker of something else.
                    8 => test = self.other().unwrap_or(test),
                    // Half of a condition.
                    9 => {
                        if let Expr::All(mut parts) = test {
                            test = parts.swap_remove(self.rng.usize(..parts.len()));
                        } else {
                            test = self.trap(&test);
                        }
                    }
                    1 | 2 => place = Place::Where,
                    3 => test = Expr::Any(vec![test, Expr::literal("1 = 1")]),
                    4 => test = Expr::Paren(Box::new(test)).negated(),
                    5 => {
                        if let Some(id) = self.rng.choice(&ons) {
                            place = Place::On(*id);
                        }
                    }
                    _ => test = self.trap(&test),
                }
            }
            let placed = match place {
                Place::On(id) => from.iter_mut().any(|item| put_on(item, id, &test)),
                Place::Where | Place::Nowhere => false,
            };
            if !placed {
                *filter = Some(Expr::and(filter.take().map(closed), closed(test)));
            }
        }
    }

    /// A test of a name that looks like the marker of an item and is something else: what USING
    /// merged, or what an outer block has.
    fn misnamed(&mut self, item: &From, merged: &[String]) -> Option<Expr> {
        let marker = match item {
            From::Table(reference) => {
                let marker = self.world.tables[reference.table].marker?;
                let is_merged = merged.iter().any(|name| name == marker.column());
                (is_merged && self.careless && self.percent(40)).then_some(marker)?
            }
            From::Derived { query, .. } => {
                if !self.careless || self.marker_of(query).is_some() || !self.percent(25) {
                    return None;
                }
                let inside = Statement::Query((**query).clone());
                let read = walk::references(&inside);
                let mut markers = read
                    .iter()
                    .filter_map(|reference| self.world.tables[reference.table].marker);
                let marker = markers.next()?;
                self.skip(&inside);
                marker
            }
            From::Cte { .. } | From::Join(_) | From::Paren { .. } => return None,
        };
        self.careful = false;
        let column = Expr::column(None, marker.column());
        Some(live_test(self.rng, self.world.dialect, column, marker))
    }

    fn shared_columns(&self, items: &[(From, Place)]) -> Vec<&'static str> {
        let tables = items.iter().filter_map(|(item, _)| match item {
            From::Table(reference) => Some(&self.world.tables[reference.table].columns),
            _ => None,
        });
        let mut names: Vec<&str> = tables.flatten().map(|column| column.name).collect();
        names.sort_unstable();
        let mut shared: Vec<&str> = names
            .windows(2)
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| pair[0])
            .collect();
        shared.dedup();
        shared
    }

    fn other(&mut self) -> Option<Expr> {
        self.rng.choice(&self.tests).cloned()
    }

    fn conflict(&mut self, target: &Ref, conflict: &mut Conflict) {
        let Some(marker) = self.world.tables[target.table].marker else {
            return;
        };
        let is_mysql = self.world.dialect == Dialect::Mysql;
        if is_mysql || self.percent(40) || conflict.column.as_deref() != Some("code") {
            self.careful = false;
            return;
        }
        conflict.predicate = Some(Expr::literal(marker.active("")));
        if !conflict.set.is_empty() {
            let guard = self.test(target, marker);
            conflict.filter = Some(Expr::and(conflict.filter.take(), guard));
        }
    }

    /// The test that belongs to an item.
    fn test_of(&mut self, item: &From) -> Option<Expr> {
        match item {
            From::Table(reference) => {
                let marker = self.world.tables[reference.table].marker?;
                if self.skipped.contains(&reference.id) {
                    return None;
                }
                Some(self.test(reference, marker))
            }
            From::Cte { name, alias } => {
                let (_, column, marker) = *self.delegated.iter().find(|(cte, ..)| cte == name)?;
                let qualifier = alias.clone().unwrap_or_else(|| name.clone());
                let column = Expr::column(Some(&qualifier), column);
                self.percent(85)
                    .then(|| live_test(self.rng, self.world.dialect, column, marker))
            }
            From::Derived {
                query,
                alias,
                columns,
                ..
            } => {
                let (column, marker) = self.marker_of(query)?;
                if !columns.is_empty() || !self.percent(30) {
                    return None;
                }
                self.skip(&Statement::Query((**query).clone()));
                let column = Expr::column(Some(alias), column);
                Some(live_test(self.rng, self.world.dialect, column, marker))
            }
            From::Join(_) | From::Paren { .. } => None,
        }
    }

    fn test(&mut self, reference: &Ref, marker: Marker) -> Expr {
        let qualified = self.percent(if self.careless { 80 } else { 90 })
            // Few of them are merged by USING, the others are ambiguous.
            || (self.shared.contains(&marker.column()) && self.percent(85));
        let spelling = self.rng.u8(..20);
        let named = |name: &'static str| {
            let columns = &self.world.tables[reference.table].columns;
            let at = columns.iter().position(|column| column.name == name);
            let renamed = at.and_then(|at| reference.columns.get(at));
            let name = renamed.map_or(name, String::as_str);
            let name = match spelling {
                0 => name.to_uppercase(),
                1 if self.world.dialect == Dialect::Mysql => format!("`{name}`"),
                1 => format!("\"{name}\""),
                _ => name.to_owned(),
            };
            Expr::column(qualified.then(|| reference.qualifier()), &name)
        };
        let column = named(marker.column());
        if marker == Marker::Custom {
            let status = named("status");
            return Expr::All(vec![
                column.postfix("IS NULL"),
                Expr::binary(status, "<>", Expr::literal("'archived'")),
            ]);
        }
        if self.percent(5) {
            return match marker {
                Marker::Time(_) | Marker::Custom | Marker::MaybeInt => {
                    column.postfix("IS NOT NULL")
                }
                Marker::Bool | Marker::MaybeBool => column.postfix("IS TRUE"),
                Marker::Int => Expr::binary(column, "<>", Expr::literal("0")),
            };
        }
        live_test(self.rng, self.world.dialect, column, marker)
    }

    /// Text that holds the test and does not test it, or not only.
    fn trap(&mut self, test: &Expr) -> Expr {
        let test = crate::print::expression(self.world.dialect, test);
        let column = test.split(' ').next().unwrap_or_default();
        let column = column.trim_start_matches('(');
        let traps = [
            // Not what it looks like: the parts bind to something else.
            format!("id BETWEEN 0 AND {test}"),
            format!("id NOT BETWEEN 5 AND {test}"),
            format!("NOT {test} IS NULL"),
            format!("{test} IS NOT NULL"),
            format!("{test} = {test}"),
            format!("NOT ({test} OR 1 = 0)"),
            format!("NOT (NOT ({test}) OR 1 = 1)"),
            format!("NOT (NOT ({test}) AND 1 = 0)"),
            format!("(({test}), 1) = (TRUE, 1)"),
            format!("({test} OR 1 = 1) IS TRUE"),
            format!("nullif({test}, FALSE) IS NULL"),
            format!("{column} = {column} OR {column} IS NULL"),
            format!("coalesce({column}, {column}) IS NULL OR 1 = 1"),
            format!("CASE WHEN {test} THEN 1 ELSE 1 END = 1"),
            format!("EXISTS (SELECT 1 FROM (SELECT 1 AS one) AS s WHERE {test} OR s.one = 1)"),
            format!("1 = (SELECT count(*) FROM (SELECT 1 AS one) AS s WHERE 1 = 1 OR {test})"),
            format!("(1 = 1 OR 1 = 1 AND {test})"),
            format!("1 = 1 AND ({test}) IN (TRUE, FALSE)"),
            format!("{test} /* OR */ IS NOT NULL -- AND {test}\n"),
            format!("1 = 1 OR {test}"),
            format!("{test} OR 1 = 1"),
            format!("NOT {test}"),
            format!("({test}) = FALSE"),
            format!("({test}) IS NOT NULL"),
            format!("CASE WHEN {test} THEN TRUE ELSE TRUE END"),
            format!("CASE WHEN 1 = 1 AND {test} THEN TRUE ELSE 1 = 1 END"),
            format!("coalesce({test}, TRUE)"),
            format!("({test}) IN (TRUE, FALSE)"),
            format!("EXISTS (SELECT 1 WHERE {test})"),
            format!("NOT EXISTS (SELECT 1 WHERE {test})"),
            format!("1 BETWEEN 0 AND {test}"),
            format!("1 BETWEEN (0) AND 2 OR {test}"),
            format!("1 = {test}"),
            format!("1 IN (SELECT 1 WHERE {test} UNION SELECT 1)"),
            format!("'{}' <> ''", test.replace('\'', "''")),
            format!("1 = 1 /* AND {test} */"),
            format!("(1 = 1 AND ({test} OR 1 = 1))"),
            format!("(({test}) AND 1 = 1)"),
            format!("(({test}) OR ({test}))"),
        ];
        Expr::literal(self.rng.choice(traps).unwrap_or_default())
    }
}
