//! Looks for rows that kill each mutant.

use std::time::Instant;

use soft_delete_sql::{Dialect, ScopedSql};

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
    ast::Statement,
    database::{Database, Fault, Rows, Side},
    generate::{Case, Mode},
    judge::Rewriter,
    print,
    run::Run,
    world::World,
};

/// Sets of rows that are tried for a statement.
const WITNESSES: usize = 1000;
/// Sets after which a reference has had its chance to matter.
const CHANCES: usize = 150;
/// Sets that are tried to find what masks a predicate.
const MASKS: usize = 300;

/// Hunts the mutants of every SELECT of a run.
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
                hunt.run(&world, database, &mut rng, &mut teeth);
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
    alive: Vec<Hunted>,
    /// What the scoped statement gave first, and whether it ever gave something else.
    given: Option<Rows>,
    varies: bool,
}

struct Hunted {
    mutant: Mutant,
    /// On some rows the result depends on what the predicate lets through.
    matters: bool,
}

impl<'a> Hunt<'a> {
    /// `None` where nothing is to be hunted: no SELECT, no predicate of ours, or a statement that
    /// the database rejects.
    fn new(
        world: &World,
        analyser: &Analyser,
        number: usize,
        case: &'a Case,
        database: &mut dyn Database,
    ) -> Option<Self> {
        let Statement::Query(query) = &case.statement else {
            return None;
        };
        if !matches!(case.mode, Mode::Active | Mode::PerReference) {
            return None;
        }
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
            tables: tables(world, &case.statement),
            original,
            places: alive.iter().map(|one| one.mutant.place.clone()).collect(),
            scoped,
            is_ordered: !query.order.is_empty(),
            alive,
            given: None,
            varies: false,
        };
        database.refill(world, &hunt.tables);
        let is_valid = hunt.result(database, &hunt.scoped.sql).is_ok();
        (is_valid && !hunt.alive.is_empty()).then_some(hunt)
    }

    fn run(
        mut self,
        world: &World,
        database: &mut dyn Database,
        rng: &mut fastrand::Rng,
        teeth: &mut Teeth,
    ) {
        teeth.statements += 1;
        teeth.add(Fate::KilledAtOnce, self.kill(database));
        let program = program(database, &self.scoped.sql);
        let before = self.alive.len();
        self.alive.retain(|hunted| {
            program.is_none() || self::program(database, &hunted.mutant.sql) != program
        });
        teeth.add(Fate::SameProgram, before - self.alive.len());
        let search = Search::new(world, self.statement);
        for tried in 0..WITNESSES {
            let is_hopeless = self.alive.iter().all(|hunted| !hunted.matters);
            if self.alive.is_empty() || (tried >= CHANCES && is_hopeless) {
                break;
            }
            database.refill(&search.rows(world, rng), &self.tables);
            teeth.add(Fate::Killed, self.kill(database));
        }
        for hunted in &self.alive {
            let fate = match hunted.matters {
                true if self.is_masked(&hunted.mutant, world, &search, database, rng) => {
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
            database.refill(&search.rows(world, rng), &self.tables);
            pairs.iter().any(|[first, both]| {
                let first = self.result(database, first);
                first.is_ok() && self.result(database, both) != first
            })
        })
    }

    fn result(&self, database: &mut dyn Database, sql: &str) -> Result<Rows, Fault> {
        let mut rows = database.run(Side::Dirty, sql, &[])?.remove(0);
        if !self.is_ordered {
            rows.sort();
        }
        Ok(rows)
    }
}

/// What the database executes for a statement, where it tells all of it.
fn program(database: &mut dyn Database, sql: &str) -> Option<Rows> {
    let explain = match database.dialect() {
        Dialect::Sqlite => "EXPLAIN",
        Dialect::Postgres => "EXPLAIN (VERBOSE, COSTS OFF)",
        Dialect::Mysql => return None,
    };
    let rows = database.run(Side::Dirty, &format!("{explain} {sql}"), &[]);
    rows.ok().map(|mut rows| rows.remove(0))
}
