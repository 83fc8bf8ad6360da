//! Looks for rows that kill each mutant.

use std::time::Instant;

use soft_delete_sql::{
    Dialect, ScopedSql,
    syntax::{TokenKind, lexer::lex},
};

use super::{
    Mutant, Place,
    agree::agree,
    hint::tables,
    mutants,
    teeth::{Fate, Teeth},
    without,
    witness::Search,
};
use crate::{
    analyser::Analyser,
    ast::{Statement, Type},
    database::{Database, Fault, Rows, Side},
    generate::{Case, Mode},
    judge::Rewriter,
    print,
    run::Run,
    world::World,
};

/// Sets after which a reference has had its chance to matter.
const CHANCES: usize = 150;
/// Sets that are tried to find what masks a predicate.
const MASKS: usize = 1000;
/// Sets on which a reference matters that others are made of.
const BASES: usize = 4;

/// Sets on which a run judges statements again.
const JUDGED: usize = 2;

/// Hunts the mutants of every statement of a run.
pub(crate) fn hunt(run: &Run, database: &mut dyn Database) -> Teeth {
    let started = Instant::now();
    let mut teeth = Teeth::new(database.dialect());
    let mut analyser = Analyser::default();
    for (world, cases) in run.worlds(database.dialect()) {
        database.load(&world);
        analyser.learn(&world);
        for (number, mut case) in cases {
            let mut rng = fastrand::Rng::with_seed(u64::try_from(number).unwrap_or_default());
            agree(&mut case.statement, &mut rng);
            if let Some(hunt) = Hunt::new(&world, &analyser, number, &case, database) {
                hunt.run(&world, run.row_sets, database, &mut rng, &mut teeth);
            }
        }
    }
    teeth.seconds = started.elapsed().as_secs_f32();
    teeth
}

/// The hunt for the mutants of one statement.
struct Hunt<'a> {
    number: usize,
    statement: &'a Statement,
    tables: Vec<usize>,
    original: String,
    scoped: ScopedSql,
    places: Vec<Place>,
    is_ordered: bool,
    /// What shows the state that a write leaves.
    then: Vec<String>,
    alive: Vec<Hunted>,
    /// What the scoped statement gave first, and whether it ever gave something else.
    given: Option<Vec<Rows>>,
    varies: bool,
}

struct Hunted {
    mutant: Mutant,
    /// On some rows the result depends on what the predicate lets through.
    matters: bool,
}

impl<'a> Hunt<'a> {
    /// `None` where nothing is to be hunted: no predicate of ours, or a statement that the database
    /// rejects.
    fn new(
        world: &World,
        analyser: &Analyser,
        number: usize,
        case: &'a Case,
        database: &mut dyn Database,
    ) -> Option<Self> {
        if case.mode == Mode::Proven {
            return None;
        }
        let tables = tables(world, &case.statement);
        let (is_ordered, then) = match &case.statement {
            Statement::Query(query) => (!query.order.is_empty(), Vec::new()),
            _ => (false, tables.iter().map(|at| state(world, *at)).collect()),
        };
        let original = print::plain(world, &case.statement).sql;
        let scoped = analyser.checked(world, case, &original).scoped?;
        let alive: Vec<Hunted> = mutants(world.dialect, &original, &scoped)
            .into_iter()
            .map(|mutant| Hunted {
                mutant,
                matters: false,
            })
            .collect();
        let hunt = Self {
            number,
            statement: &case.statement,
            tables,
            original,
            places: alive.iter().map(|one| one.mutant.place.clone()).collect(),
            scoped,
            is_ordered,
            then,
            alive,
            given: None,
            varies: false,
        };
        database.refill(Side::Dirty, world, &hunt.tables);
        let is_valid = hunt.result(database, &hunt.scoped.sql).is_ok();
        (is_valid && !hunt.alive.is_empty()).then_some(hunt)
    }

    fn run(
        mut self,
        world: &World,
        row_sets: usize,
        database: &mut dyn Database,
        rng: &mut fastrand::Rng,
        teeth: &mut Teeth,
    ) {
        match self.statement {
            Statement::Query(_) => teeth.statements += 1,
            _ => teeth.writes += 1,
        }
        teeth.add(Fate::KilledAtOnce, self.kill(database));
        let program = program(database, &self.scoped.sql);
        let before = self.alive.len();
        self.alive.retain(|hunted| {
            program.is_none() || self::program(database, &hunted.mutant.sql) != program
        });
        teeth.add(Fate::SameProgram, before - self.alive.len());
        let search = Search::new(world, self.statement);
        let mut bases: Vec<World> = Vec::new();
        for tried in 0..row_sets {
            let is_hopeless = self.alive.iter().all(|hunted| !hunted.matters);
            if self.alive.is_empty() || (tried >= CHANCES && is_hopeless) {
                break;
            }
            let rows = next(&search, world, &bases, rng);
            database.refill(Side::Dirty, &rows, &self.tables);
            let fate = if tried < JUDGED {
                Fate::KilledAgain
            } else {
                Fate::Killed
            };
            let known = self.mattering();
            teeth.add(fate, self.kill(database));
            if self.mattering() > known {
                bases.insert(0, rows);
                bases.truncate(BASES);
            }
        }
        for hunted in &self.alive {
            let fate = match hunted.matters {
                _ if self.is_guarded(&hunted.mutant) => Fate::Guarded,
                true if self.is_masked(&hunted.mutant, world, &search, &bases, database, rng) => {
                    Fate::Masked
                }
                true => Fate::Survives,
                false if self.varies => Fate::Idle,
                false => Fate::Constant,
            };
            teeth.add(fate, 1);
            let sql = [self.original.as_str(), &self.scoped.sql];
            teeth.show(fate, self.number, &hunted.mutant.predicate, sql);
        }
    }

    /// Mutants that are alive and matter.
    fn mattering(&self) -> usize {
        self.alive.iter().filter(|hunted| hunted.matters).count()
    }

    /// An upsert's conflict holds the predicate already: no other row than a live one can conflict,
    /// and without it the database finds no index.
    fn is_guarded(&self, mutant: &Mutant) -> bool {
        let sql = &self.scoped.sql;
        let conflict = sql.split_once("ON CONFLICT");
        let target = conflict.and_then(|(_, behind)| behind.split_once(" DO UPDATE"));
        let condition = target.and_then(|(target, _)| target.split_once(" WHERE "));
        condition.is_some_and(|(_, condition)| {
            let predicate = unqualified(&mutant.predicate);
            let bare = predicate.trim_matches(['(', ')', ' ']);
            // `NOT deleted` is the index's `deleted = FALSE`.
            let bare = bare.trim_start_matches("NOT ");
            !bare.is_empty() && unqualified(condition).contains(bare)
        })
    }

    /// Takes the mutants away that the rows of the database tell from the scoped statement; how
    /// many.
    fn kill(&mut self, database: &mut dyn Database) -> usize {
        let before = self.alive.len();
        let Ok(expected) = self.result(database, &self.scoped.sql) else {
            return 0;
        };
        self.varies |= self.given.as_ref().is_some_and(|given| *given != expected);
        self.given.get_or_insert_with(|| expected.clone());
        let mut alive = std::mem::take(&mut self.alive);
        let mut differs = |sql: &str| match self.result(database, sql) {
            Ok(found) => found != expected,
            // More rows than a scalar subquery may have are a difference, too.
            Err(Fault::Rejected(_)) => true,
            Err(Fault::TooExpensive) => false,
        };
        alive.retain_mut(|hunted| {
            let is_killed = differs(&hunted.mutant.sql);
            if !is_killed && !hunted.matters {
                hunted.matters = differs(&hunted.mutant.emptied);
            }
            !is_killed
        });
        self.alive = alive;
        before - self.alive.len()
    }

    /// Whether leaving the predicate out shows where another one, or all others, are left out
    /// already.
    fn is_masked(
        &self,
        mutant: &Mutant,
        world: &World,
        search: &Search,
        bases: &[World],
        database: &mut dyn Database,
        rng: &mut fastrand::Rng,
    ) -> bool {
        let others = self.places.iter();
        let others = others.filter(|other| !other.overlaps(&mutant.place));
        let mut groups: Vec<Vec<&Place>> = others.map(|other| vec![other]).collect();
        let mut all: Vec<&Place> = Vec::new();
        for other in groups.iter().flatten() {
            // A conjunction stands before its parts.
            if !all.iter().any(|place| place.overlaps(other)) {
                all.push(other);
            }
        }
        groups.push(all);
        let pairs: Vec<[String; 2]> = groups
            .into_iter()
            .map(|others| {
                let more = [others.as_slice(), &[&mutant.place]].concat();
                [others, more].map(|places| without(&self.original, &self.scoped, &places, "TRUE"))
            })
            .collect();
        (0..MASKS).any(|_| {
            let rows = next(search, world, bases, rng);
            database.refill(Side::Dirty, &rows, &self.tables);
            pairs.iter().any(|[first, both]| {
                let [first, both] = [first, both].map(|sql| self.result(database, sql));
                match (first, both) {
                    (Ok(first), Ok(both)) => first != both,
                    // One of them fails on these rows.
                    (Ok(_), Err(Fault::Rejected(_))) | (Err(Fault::Rejected(_)), Ok(_)) => true,
                    _ => false,
                }
            })
        })
    }

    /// What a text returns, and what it leaves.
    fn result(&self, database: &mut dyn Database, sql: &str) -> Result<Vec<Rows>, Fault> {
        let mut all = database.run(Side::Dirty, sql, &self.then)?;
        for (at, rows) in all.iter_mut().enumerate() {
            if at > 0 || !self.is_ordered {
                rows.sort();
            }
        }
        Ok(all)
    }
}

/// A condition without the qualifiers of its columns, its words apart.
fn unqualified(condition: &str) -> String {
    let tokens = lex(Dialect::Sqlite, condition).unwrap_or_default();
    let is_dot = |at: usize| {
        let token = tokens.get(at);
        token.is_some_and(|token| token.kind == TokenKind::Dot)
    };
    let kept = (0..tokens.len()).filter(|&at| !is_dot(at) && !is_dot(at + 1));
    let words: Vec<&str> = kept.map(|at| tokens[at].text(condition)).collect();
    words.join(" ")
}

/// A query for the rows of a table. The moment of a soft delete is another one in every run, and
/// a number that the database gives depends on how many it gave before.
fn state(world: &World, table: usize) -> String {
    let table = &world.tables[table];
    let columns = table.columns.iter().map(|column| match column.ty {
        Type::Time => format!(
            "CASE WHEN {0} > '2024-05-01 00:00:00' THEN 'now' WHEN {0} IS NOT NULL THEN 'then' END",
            column.name
        ),
        _ if column.name == "id" => "CASE WHEN id < 1000 THEN id END".to_owned(),
        _ => column.name.to_owned(),
    });
    let columns: Vec<String> = columns.collect();
    let query = format!("SELECT {} FROM {}", columns.join(", "), table.name);
    print::script(world, query)
}

/// Rows to try, most of the time like those on which a reference matters.
fn next(search: &Search, world: &World, bases: &[World], rng: &mut fastrand::Rng) -> World {
    match rng.choice(bases) {
        Some(base) if rng.u8(..3) > 0 => search.like(base, rng),
        _ => search.rows(world, rng),
    }
}

/// What the database executes for a statement, where it tells all of it.
fn program(database: &mut dyn Database, sql: &str) -> Option<Rows> {
    let explain = match database.dialect() {
        Dialect::Sqlite => "EXPLAIN",
        Dialect::Postgres => "EXPLAIN (VERBOSE, COSTS OFF)",
        Dialect::Mysql => return None,
    };
    let undone = ["SELECT 1".to_owned()];
    let rows = database.run(Side::Dirty, &format!("{explain} {sql}"), &undone);
    rows.ok().map(|mut rows| rows.remove(0))
}
