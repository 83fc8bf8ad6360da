//! The oracle: the scoped statement on all rows must do what the original does in the truth.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        Asked, Execution, Truth,
        scopes::{RECORD, condition, deleted},
    },
    outcome::{Context, Outcome, Part, difference, only_order_differs, volatile},
    plan::Plan,
    session::{Fault, Rows, Session},
    world::World,
};

/// One statement with its arguments, in a transaction that is taken back.
pub(super) struct Case<'c> {
    pub(super) session: &'c mut Session,
    pub(super) world: &'c World,
    pub(super) sql: &'c str,
    pub(super) asked: &'c Asked,
    pub(super) plan: &'c Plan<'c>,
    pub(super) arguments: &'c [String],
}

/// Planner settings under which a determined result stays the same.
const SETTINGS: [&str; 4] = [
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_hashagg = off",
    "SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_sort = off",
    "SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; \
     SET LOCAL enable_bitmapscan = off; SET LOCAL enable_incremental_sort = off",
];

/// A unique or exclusion constraint.
const COLLISIONS: [&str; 2] = ["23505", "23P01"];
/// A row can violate a CHECK that was added NOT VALID.
const CHECK: &str = "23514";
const TIMEOUT: &str = "57014";

impl<'c> Case<'c> {
    /// Judges; a connection that breaks is nothing learnt.
    pub(super) fn judge(&mut self) -> Execution {
        self.compare()
            .unwrap_or_else(|fault| Execution::Unjudged(format!("the session fails: {fault}")))
    }

    /// Does the original return or write any row? `None` when it fails.
    pub(super) fn shows(&mut self) -> Result<Option<bool>, Fault> {
        let sequences = self.sequences()?;
        let run = self.run("", self.sql)?;
        self.session.query(&sequences)?;
        Ok(run
            .ok()
            .map(|run| !run.rows.rows.is_empty() || !run.tables.is_empty()))
    }

    /// The text that may run.
    pub(super) fn scoped(&self) -> &'c str {
        match self.asked {
            Asked::Scoped(scoped) => &scoped.sql,
            _ => self.sql,
        }
    }

    /// What a text does in the place of the statement.
    pub(super) fn outcome(&mut self, sql: &str) -> Result<Result<Outcome, Fault>, Fault> {
        let sequences = self.sequences()?;
        let run = self.run("", sql)?;
        self.session.query(&sequences)?;
        Ok(run)
    }

    /// Does a text do something else? What takes too long, or collides, says nothing.
    pub(super) fn is_unlike(&mut self, own: &Outcome, sql: &str) -> Result<bool, Fault> {
        let other = match self.outcome(sql)? {
            Ok(other) => other,
            Err(fault) => return Ok(!fault.is(&COLLISIONS) && !fault.is(&[TIMEOUT])),
        };
        let (own, other, context) = self.context(own.clone(), other)?;
        Ok(own.rows != other.rows
            || own.tables != other.tables
            || difference(&own, &other, &context).is_some())
    }

    fn compare(&mut self) -> Result<Execution, Fault> {
        let sequences = self.sequences()?;
        let (truth, expected) = match self.truth()? {
            Ok(truth) => truth,
            Err(reason) => return Ok(Execution::Unjudged(reason)),
        };
        self.session.query(&sequences)?;
        let scoped = self.scoped().to_owned();
        let found = match self.run("", &scoped)? {
            Ok(found) => found,
            Err(fault) if fault.is(&COLLISIONS) => {
                let reason = "a unique key counts tombstones".to_owned();
                return Ok(Execution::Unjudged(reason));
            }
            Err(fault) if fault.is(&[CHECK]) && deleted(self.asked).is_some() => {
                let reason = "a soft delete is an UPDATE, and its row violates a CHECK".to_owned();
                return Ok(Execution::Unjudged(reason));
            }
            Err(fault) => {
                // The planner orders evaluation: values of tombstones may be computed too.
                let same = self
                    .run("", self.sql)?
                    .err()
                    .is_some_and(|own| own.code == fault.code);
                if same || fault.is(&[TIMEOUT]) {
                    let reason = format!("the original fails on tombstones, {}", fault.code);
                    return Ok(Execution::Unjudged(reason));
                }
                let message = fault.to_string();
                return Ok(Execution::Rejected { scoped, message });
            }
        };
        self.session.query(&sequences)?;
        let (expected, found, context) = self.context(expected, found)?;
        let rows = expected
            .rows
            .rows
            .len()
            .max(usize::try_from(expected.rows.affected).unwrap_or(0));
        let unlike = difference(&expected, &found, &context);
        let unordered = unlike.is_none()
            && only_order_differs(&expected, &found)
            && self.sql.to_ascii_uppercase().contains("ORDER BY");
        if unlike.is_none() && !unordered {
            let telling = self.is_telling(&expected, &context)?;
            self.session.query(&sequences)?;
            return Ok(Execution::Equal {
                truth,
                rows,
                telling,
            });
        }
        if let Some(execution) = self.excuse(truth, &expected, &found, context, unordered)? {
            self.session.query(&sequences)?;
            return Ok(execution);
        }
        self.session.query(&sequences)?;
        let (expected, found) = unlike.unwrap_or_else(|| {
            let show = |outcome: &Outcome| format!("in order: {:?}", outcome.rows.rows);
            (show(&expected), show(&found))
        });
        Ok(Execution::Differs {
            truth,
            scoped,
            expected,
            found,
        })
    }

    /// What the original does where the rows outside the scopes are not; or why that is not
    /// known.
    fn truth(&mut self) -> Result<Result<(Truth, Outcome), String>, Fault> {
        if let Some((sql, make)) = &self.plan.views {
            let (sql, make) = (sql.clone(), make.clone());
            if let Ok(outcome) = self.run(&make, &sql)?
                && outcome.tables.is_empty()
            {
                return Ok(Ok((Truth::Views, outcome)));
            }
        }
        let Some(clean) = &self.plan.clean else {
            return Ok(Err("two references of one table differ in scope".to_owned()));
        };
        let clean = clean.clone();
        Ok(match self.run(&clean, self.sql)? {
            Ok(outcome) => Ok((Truth::Clean, outcome)),
            Err(fault) => Err(format!("the original fails on the data, {}", fault.code)),
        })
    }

    /// Prepares and runs on a branch, and takes the tables along that are written.
    fn run(&mut self, prepare: &str, sql: &str) -> Result<Result<Outcome, Fault>, Fault> {
        let (plan, arguments) = (self.plan, self.arguments);
        if !plan.writes {
            let read = self.session.read(prepare, sql, arguments)?;
            return Ok(read.map(|rows| Outcome {
                // The tag of a SELECT counts the rows.
                rows: Rows {
                    affected: 0,
                    ..rows
                },
                ..Outcome::default()
            }));
        }
        self.session.branch(|session| {
            if !prepare.is_empty() {
                session.query(prepare)?;
            }
            let before = written(session)?;
            let rows = session.call(sql, arguments)?;
            let after = written(session)?;
            let changed = after
                .into_iter()
                .filter(|(name, count)| before.get(name) != Some(count));
            let tables = changed
                .map(|(name, _)| Ok((name.clone(), part(session, plan, &name)?)))
                .collect::<Result<_, Fault>>()?;
            Ok(Outcome { rows, tables })
        })
    }

    /// Completes both sides: tables that only one wrote, and how all were before.
    fn context(
        &mut self,
        mut expected: Outcome,
        mut found: Outcome,
    ) -> Result<(Outcome, Outcome, Context), Fault> {
        let mut context = Context::default();
        let names: Vec<String> = expected
            .tables
            .keys()
            .chain(found.tables.keys())
            .cloned()
            .collect();
        for name in &names {
            if !context.before.contains_key(name) {
                let part = part(self.session, self.plan, name)?;
                context.before.insert(name.clone(), part);
            }
            let before = &context.before[name];
            // Untouched, it holds the rows inside the scope in the truth, and all of them here.
            expected.tables.entry(name.clone()).or_insert_with(|| Part {
                outside: Vec::new(),
                ..before.clone()
            });
            found
                .tables
                .entry(name.clone())
                .or_insert_with(|| before.clone());
        }
        if let Some(target) = deleted(self.asked) {
            let markers = self.world.called(&target).map(|table| table.marker.clone());
            let set = markers.chain(RECORD.map(str::to_owned)).collect();
            let below = self.world.soft.values();
            let below = below.filter(|table| table.ancestors.contains(&target));
            let mut targets: BTreeSet<String> = below.map(|table| table.bare.clone()).collect();
            targets.insert(target);
            context.deleted = Some((targets, set));
        }
        Ok((expected, found, context))
    }

    /// Does the original on all rows do something else?
    fn is_telling(&mut self, expected: &Outcome, context: &Context) -> Result<bool, Fault> {
        if self.plan.tables.is_empty() {
            return Ok(false);
        }
        let Ok(bare) = self.run("", self.sql)? else {
            return Ok(true);
        };
        let (expected, bare, _) = self.context(expected.clone(), bare)?;
        Ok(difference(&expected, &bare, context).is_some())
    }

    /// A difference that says nothing about the scope: the truth itself is not determined, or
    /// only the views are to blame.
    fn excuse(
        &mut self,
        truth: Truth,
        expected: &Outcome,
        found: &Outcome,
        mut context: Context,
        unordered: bool,
    ) -> Result<Option<Execution>, Fault> {
        let undetermined = || {
            Some(Execution::Unjudged(
                "its result is not determined".to_owned(),
            ))
        };
        let rows = expected.rows.rows.len();
        let (prepare, sql) = match (&self.plan.views, truth) {
            (Some((sql, make)), Truth::Views) => (make.clone(), sql.clone()),
            _ => (
                self.plan.clean.clone().unwrap_or_default(),
                self.sql.to_owned(),
            ),
        };
        let sequences = self.sequences()?;
        let mut variants = Vec::new();
        for settings in std::iter::once("").chain(SETTINGS) {
            let run = self.run(&format!("{prepare};{settings}"), &sql)?;
            self.session.query(&sequences)?;
            if let Ok(variant) = run {
                variants.push(self.context(variant, found.clone())?.0);
            }
        }
        if unordered {
            let stable = variants
                .iter()
                .all(|variant| variant.rows.rows == expected.rows.rows);
            return Ok((!stable).then_some(Execution::Equal {
                truth,
                rows,
                telling: false,
            }));
        }
        if let Some(again) = variants.first() {
            context.volatile = volatile(expected, again);
        }
        let all = |columns: &[String]| {
            let hidden = |column: &&String| context.volatile.contains(&(None, (*column).clone()));
            !columns.is_empty() && columns.iter().all(|column| hidden(&column))
        };
        if all(&expected.rows.columns) {
            return Ok(undetermined());
        }
        if difference(expected, found, &context).is_none() {
            let telling = self.is_telling(expected, &context)?;
            return Ok(Some(Execution::Equal {
                truth,
                rows,
                telling,
            }));
        }
        let differs = |variant: &Outcome| {
            let own = Context {
                before: BTreeMap::new(),
                deleted: None,
                volatile: context.volatile.clone(),
            };
            difference(&inside(expected), &inside(variant), &own).is_some()
        };
        if variants.iter().any(differs) {
            return Ok(undetermined());
        }
        if truth == Truth::Views
            && let Some(clean) = self.plan.clean.clone()
            && let Ok(clean) = self.run(&clean, self.sql)?
        {
            let (clean, found, _) = self.context(clean, found.clone())?;
            if difference(&clean, &found, &context).is_none() {
                let telling = self.is_telling(&clean, &context)?;
                return Ok(Some(Execution::Equal {
                    truth: Truth::Clean,
                    rows,
                    telling,
                }));
            }
        }
        Ok(None)
    }

    /// Sets the sequences to where they are now; they do not take part in transactions.
    fn sequences(&mut self) -> Result<String, Fault> {
        if !self.plan.writes && !self.sql.to_ascii_lowercase().contains("nextval") {
            return Ok(String::new());
        }
        let rows = self.session.query(
            "SELECT format('SELECT pg_catalog.setval(%L::regclass, %s, %L)', \
             format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), \
             last_value IS NOT NULL) FROM pg_catalog.pg_sequences",
        )?;
        let set: Vec<String> = rows.rows.into_iter().flatten().flatten().collect();
        Ok(set.join(";"))
    }
}

/// Without what is outside the scope: the truth against itself.
fn inside(outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    for part in outcome.tables.values_mut() {
        part.outside.clear();
    }
    outcome
}

/// How often each table was written in this transaction.
fn written(session: &mut Session) -> Result<BTreeMap<String, String>, Fault> {
    // The view pg_stat_xact_user_tables also sums up the indexes, of every table.
    let rows = session.query(
        "SELECT format('%I.%I', nspname, relname), written FROM ( \
             SELECT relname, relnamespace, pg_catalog.pg_stat_get_xact_tuples_inserted(oid) \
                 + pg_catalog.pg_stat_get_xact_tuples_updated(oid) \
                 + pg_catalog.pg_stat_get_xact_tuples_deleted(oid) AS written \
             FROM pg_catalog.pg_class WHERE relkind = 'r' \
         ) t JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace \
         WHERE written > 0 AND nspname NOT IN ('pg_catalog', 'information_schema')",
    )?;
    let pair = |row: Vec<Option<String>>| {
        let mut row = row.into_iter().flatten();
        Some((row.next()?, row.next()?))
    };
    Ok(rows.rows.into_iter().filter_map(pair).collect())
}

/// The rows of a table, parted.
fn part(session: &mut Session, plan: &Plan<'_>, name: &str) -> Result<Part, Fault> {
    let inside = plan
        .scope(name)
        .map_or("true".to_owned(), |(table, scope)| {
            condition(&table.live, scope)
        });
    let rows = session.query(&format!("SELECT ({inside}) IS TRUE, * FROM ONLY {name}"))?;
    Ok(Part::of(rows, "t"))
}
