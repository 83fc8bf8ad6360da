//! Makes random statements over a world. They are meant to be valid: what a name may be used for
//! is tracked, the database judges the rest.

mod expr;
mod from;
mod merge;
mod query;
mod select;
mod with;
mod write;

pub(crate) use expr::live_test;

use soft_delete_sql::{Dialect, Scope, Verb};

use crate::{
    ast::{Hint, Ref, Statement, Type},
    prove, walk,
    world::{View, World},
};

/// A statement and what is asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) statement: Statement,
    /// It may hold a test that contradicts `active`, and deserves a refusal.
    pub(crate) contradicts: bool,
    /// It proves itself as it should.
    pub(crate) careful: bool,
    /// By what its odd spelling is chosen, if it has one.
    pub(crate) spelling: Option<u64>,
}

/// How the scopes of the references are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Mode {
    /// `active` for all of them.
    Active,
    /// Some references by their alias.
    PerReference,
    /// Not at all: the SQL must prove itself.
    Proven,
    /// `soft_delete`, `purge` or `erase` of the target.
    Verb(Operation),
}

/// [`Verb`], ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Operation {
    SoftDelete,
    Purge,
    Erase,
}

impl Operation {
    pub(crate) fn verb(self) -> Verb {
        match self {
            Self::SoftDelete => Verb::SoftDelete,
            Self::Purge => Verb::Purge,
            Self::Erase => Verb::Erase,
        }
    }

    /// The rows that the DELETE removes or marks.
    pub(crate) fn scope(self) -> Scope {
        match self {
            Self::SoftDelete => Scope::Active,
            Self::Purge => Scope::Deleted,
            Self::Erase => Scope::WithDeleted,
        }
    }
}

/// Makes one case.
pub(crate) fn case(world: &World, rng: &mut fastrand::Rng) -> Case {
    let mode = match rng.u8(..20) {
        0..=9 => Mode::Active,
        10..=13 => Mode::PerReference,
        14..=18 => Mode::Proven,
        _ => Mode::Verb(
            rng.choice([Operation::SoftDelete, Operation::Purge, Operation::Erase])
                .unwrap_or(Operation::Erase),
        ),
    };
    let mut generator = Generator {
        world,
        rng: rng.fork(),
        mode,
        next: 0,
        budget: 6,
        merges: true,
        windows: true,
        written: Vec::new(),
        contradicts: mode != Mode::Active || rng.u8(..8) == 0,
    };
    let mut statement = generator.statement();
    let mut careful = false;
    match mode {
        Mode::Active => {}
        Mode::PerReference => generator.say_scopes(&mut statement),
        Mode::Proven => careful = prove::prove(world, &mut statement, &mut generator.rng),
        Mode::Verb(operation) => walk::target_mut(&mut statement, &mut |target| {
            target.scope = operation.scope();
        }),
    }
    let contradicts = generator.contradicts;
    let spelling = (rng.u8(..5) < 2).then(|| rng.u64(..));
    Case {
        mode,
        statement,
        contradicts,
        careful,
        spelling,
    }
}

pub(crate) struct Generator<'w> {
    world: &'w World,
    rng: fastrand::Rng,
    mode: Mode,
    /// The next number for a reference, join or block.
    next: usize,
    /// How many references may still be made.
    budget: u32,
    /// Whether a join may merge columns by USING or NATURAL.
    merges: bool,
    /// Whether a window may be written.
    windows: bool,
    /// Tables that the statement writes: which of two writes of a row wins is not determined.
    written: Vec<usize>,
    /// Whether a hand-written marker test may contradict `active`.
    contradicts: bool,
}

/// A column that an expression can name.
#[derive(Debug, Clone)]
struct Visible {
    /// What qualifies it; `None` for a column merged by USING or NATURAL.
    relation: Option<String>,
    name: String,
    ty: Type,
    /// Merged away: reached by its qualifier only.
    covered: bool,
    /// GROUP BY does not fix it: it must not be named here, but takes names from outer blocks.
    ungrouped: bool,
    /// The base table it comes from directly.
    base: Option<usize>,
}

/// What surrounds an expression or a query.
#[derive(Debug, Clone, Default)]
struct Env {
    /// Outermost first.
    frames: Vec<Vec<Visible>>,
    ctes: Vec<Known>,
    /// Names that WITH takes from the base tables and that cannot be read here.
    hidden: Vec<String>,
    /// A table that must not be read: SQLite has no snapshot for a statement that writes it.
    written: Option<usize>,
}

/// A CTE.
#[derive(Debug, Clone)]
struct Known {
    name: String,
    columns: Vec<(String, Type)>,
}

impl Env {
    fn with_frame(&self, frame: Vec<Visible>) -> Self {
        let mut env = self.clone();
        env.frames.push(frame);
        env
    }

    fn local(&self) -> &[Visible] {
        self.frames.last().map_or(&[], Vec::as_slice)
    }
}

impl Generator<'_> {
    fn is_postgres(&self) -> bool {
        self.world.dialect == Dialect::Postgres
    }

    fn is_sqlite(&self) -> bool {
        self.world.dialect == Dialect::Sqlite
    }

    fn is_mysql(&self) -> bool {
        self.world.dialect == Dialect::Mysql
    }

    /// A name in quotes.
    fn quoted(&mut self, name: &str) -> String {
        match self.world.dialect {
            Dialect::Postgres => format!("\"{name}\""),
            Dialect::Mysql => format!("`{name}`"),
            Dialect::Sqlite => match self.rng.u8(..3) {
                0 => format!("`{name}`"),
                1 => format!("[{name}]"),
                _ => format!("\"{name}\""),
            },
        }
    }

    /// True `percent` times of 100.
    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.rng.usize(..from.len())].clone())
    }

    fn one<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        from[self.rng.usize(..N)]
    }

    fn number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn statement(&mut self) -> Statement {
        if matches!(self.mode, Mode::Verb(_)) {
            Statement::Delete(self.delete())
        } else if self.chance(20) {
            self.write(&Env::default())
        } else {
            Statement::Query(self.query(&Env::default(), None, 3, true).0)
        }
    }

    /// A base table that a name can reach here, and the reference to it.
    fn reference(&mut self, env: &Env, taken: &mut Vec<String>) -> Option<Ref> {
        self.budget = self.budget.checked_sub(1)?;
        let tables = &self.world.tables;
        let mut table = self.rng.usize(..tables.len());
        let leaky = |table: usize| matches!(tables[table].view_of, Some((_, View::Leaky)));
        // It deserves a refusal.
        while leaky(table) && !(self.contradicts && self.chance(20)) {
            table = self.rng.usize(..tables.len());
        }
        self.reference_to(table, env, taken)
    }

    fn reference_to(&mut self, table: usize, env: &Env, taken: &mut Vec<String>) -> Option<Ref> {
        if env.written == Some(table)
            || (env.written.is_some() && self.world.tables[table].view_of.is_some())
        {
            return None;
        }
        let name = self.world.tables[table].name;
        let shadowed = env.ctes.iter().any(|cte| cte.name == name)
            || env.hidden.iter().any(|hidden| hidden == name);
        let schema = match self.world.dialect {
            Dialect::Postgres => "public",
            Dialect::Sqlite => "main",
            // The name of the database, of which there are two.
            Dialect::Mysql if shadowed => return None,
            Dialect::Mysql => "",
        };
        let spelled = match self.rng.u8(..20) {
            _ if shadowed => format!("{schema}.{name}"),
            0 if !self.is_mysql() => format!("{schema}.{name}"),
            1 => self.quoted(name),
            2 if !self.is_mysql() => name.to_uppercase(),
            _ => name.to_owned(),
        };
        let alias = self.alias(&name[..1], taken.iter().any(|used| used == name), taken);
        if alias.is_none() {
            taken.push(name.to_owned());
        }
        let mut reference = Ref {
            id: self.number(),
            table,
            spelled,
            alias,
            columns: Vec::new(),
            hint: Hint::None,
            scope: Scope::Active,
        };
        let is_view = self.world.tables[table].view_of.is_some();
        if self.chance(4) && !is_view {
            reference.hint = match self.rng.u8(..3) {
                _ if !self.is_postgres() => Hint::NotIndexed,
                0 => Hint::Only,
                1 => Hint::Descendants,
                _ => Hint::SampleAll,
            };
        }
        Some(reference)
    }

    /// An alias that is free in the block, or none.
    fn alias(&mut self, base: &str, needed: bool, taken: &mut Vec<String>) -> Option<String> {
        let per_reference = matches!(self.mode, Mode::PerReference | Mode::Verb(_));
        if !needed && !per_reference && self.chance(40) {
            return None;
        }
        let mut text = match self.rng.u8(..12) {
            _ if per_reference => format!("{base}{}", self.number()),
            0 => "x".to_owned(),
            1 => base.to_uppercase(),
            2 => self.quoted(&format!("{base} q")),
            // The name of another table.
            3 => self.world.tables[self.rng.usize(..8)].name.to_owned(),
            _ => base.to_owned(),
        };
        // One name in other quotes or other case is the same name.
        let folded = |text: &str| text.trim_matches(['"', '`', '[', ']']).to_lowercase();
        while taken.contains(&folded(&text)) {
            text = format!("{base}{}", self.number());
        }
        taken.push(folded(&text));
        Some(text)
    }

    /// The columns of a reference as expressions name them.
    fn columns_of(&self, reference: &Ref) -> Vec<Visible> {
        let table = &self.world.tables[reference.table];
        let columns = table.columns.iter().enumerate();
        columns
            .map(|(at, column)| Visible {
                relation: Some(reference.qualifier().to_owned()),
                name: reference
                    .columns
                    .get(at)
                    .map_or(column.name, String::as_str)
                    .to_owned(),
                ty: column.ty,
                covered: false,
                ungrouped: false,
                base: Some(reference.table),
            })
            .collect()
    }

    /// Gives some references a scope of their own, by a name that no other reference has.
    fn say_scopes(&mut self, statement: &mut Statement) {
        let names = walk::names(statement);
        let tables = &self.world.tables;
        let rng = &mut self.rng;
        // A plain INSERT target is not read.
        let mut inserted = Vec::new();
        walk::walk(statement, &mut |node| {
            match node {
                walk::Node::Statement(Statement::Insert(insert)) => inserted.push(insert.target.id),
                // What MERGE inserts is live, whatever it looks for.
                walk::Node::Statement(Statement::Merge(merge)) => inserted.push(merge.target.id),
                _ => {}
            }
        });
        walk::references_mut(statement, &mut |reference| {
            let qualifier = reference.qualifier().to_lowercase();
            let unique = names.iter().filter(|name| **name == qualifier).count() == 1;
            let plain = !inserted.contains(&reference.id)
                && qualifier.bytes().all(|b| b.is_ascii_alphanumeric());
            if unique && plain && tables[reference.table].marker.is_some() {
                reference.scope = match rng.u8(..3) {
                    0 => Scope::Active,
                    1 => Scope::Deleted,
                    _ => Scope::WithDeleted,
                };
            }
        });
    }
}
