//! The oracle: the scoped statement on all rows must do what the original does in the truth.

use anyhow::Result;
use soft_delete_sql::{
    Dialect,
    syntax::{Token, lexer},
};

use super::{
    super::{
        Asked, Execution, Truth,
        outcome::{Context, Outcome, Part, difference, only_order_differs, volatile},
        scopes::{RECORD, deleted, quote},
    },
    hunt::Left,
    plan::Plan,
    session::{Fault, MOST, Session},
    world::{Table, World},
};

/// Words of a statement that may have several right results.
const UNSETTLED: [&str; 12] = [
    "LIMIT",
    "GROUP",
    "OVER",
    "GROUP_CONCAT",
    "STRING_AGG",
    "JSON_GROUP_ARRAY",
    "RANDOM",
    "RANDOMBLOB",
    "ROWID",
    "_ROWID_",
    "OID",
    "CURRENT_TIMESTAMP",
];

/// One statement with its arguments, in a transaction that is taken back.
pub(super) struct Case<'c> {
    pub(super) session: &'c Session,
    pub(super) world: &'c World,
    pub(super) sql: &'c str,
    pub(super) asked: &'c Asked,
    pub(super) plan: &'c Plan<'c>,
    pub(super) arguments: &'c [i64],
}

/// What came of running a text; the outer fault is one of the session.
type Run = Result<Result<Outcome, Fault>>;

impl Case<'_> {
    pub(super) fn judge(&self) -> Execution {
        self.compare()
            .unwrap_or_else(|fault| Execution::Unjudged(format!("the session fails: {fault:#}")))
    }

    /// True when the original returns and writes no row.
    pub(super) fn finds_nothing(&self) -> Result<bool> {
        let run = self.run("", self.sql, 1)?;
        Ok(run.is_ok_and(|run| run.rows.rows.is_empty() && run.rows.affected == 0))
    }

    /// The text that may run.
    fn scoped(&self) -> &str {
        match self.asked {
            Asked::Scoped(scoped) => &scoped.sql,
            _ => self.sql,
        }
    }

    fn compare(&self) -> Result<Execution> {
        let (truth, expected) = match self.truth()? {
            Ok((_, outcome)) if outcome.rows.rows.len() == MOST => {
                return Ok(unjudged("too many rows to compare"));
            }
            Ok(truth) => truth,
            Err(reason) => return Ok(Execution::Unjudged(reason)),
        };
        let scoped = self.scoped().to_owned();
        let found = match self.run("", &scoped, MOST)? {
            Ok(found) => found,
            Err(fault) => return self.fails(scoped, &fault),
        };
        let rows = expected
            .rows
            .rows
            .len()
            .max(usize::try_from(expected.rows.affected).unwrap_or(0));
        let context = self.context()?;
        let unlike = difference(&expected, &found, &context);
        let unordered = unlike.is_none()
            && only_order_differs(&expected, &found)
            && self.sql.to_ascii_uppercase().contains("ORDER BY");
        if unlike.is_none() && !unordered {
            let telling = self.is_telling(&expected, &context)?;
            return Ok(Execution::Equal {
                truth,
                rows,
                telling,
            });
        }
        if let Some(execution) = self.excuse(truth, &expected, &found, context, unordered)? {
            return Ok(execution);
        }
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

    /// The scoped statement fails where the original does not.
    fn fails(&self, scoped: String, fault: &Fault) -> Result<Execution> {
        if fault.is_a_collision() {
            return Ok(unjudged("a unique key counts tombstones"));
        }
        // The planner orders evaluation: values of tombstones may be computed too.
        let bare = self.run("", self.sql, MOST)?;
        if bare.is_err_and(|bare| bare.message == fault.message) {
            let reason = format!("the original fails on tombstones, {}", fault.message);
            return Ok(Execution::Unjudged(reason));
        }
        Ok(Execution::Rejected {
            scoped,
            message: fault.message.clone(),
        })
    }

    /// Lets the mutants run that are left, and takes those out that do not do what the truth does.
    /// An error is a wrong result of the scoped statement. True when the truth has rows.
    pub(super) fn hunt(&self, left: &mut Vec<Left<'_>>) -> Result<Result<bool, Execution>> {
        let Ok((truth, expected)) = self.truth()? else {
            return Ok(Ok(false));
        };
        let found = match self.run("", self.scoped(), MOST)? {
            Ok(found) => found,
            Err(fault) => {
                let fails = self.fails(self.scoped().to_owned(), &fault)?;
                return Ok(match fails {
                    Execution::Rejected { .. } => Err(fails),
                    _ => Ok(false),
                });
            }
        };
        let context = self.context()?;
        if let Some((expected_rows, found_rows)) = difference(&expected, &found, &context) {
            let excused = self.excuse(truth, &expected, &found, context, false)?;
            return Ok(match excused {
                Some(_) => Ok(false),
                None => Err(Execution::Differs {
                    truth,
                    scoped: self.scoped().to_owned(),
                    expected: expected_rows,
                    found: found_rows,
                }),
            });
        }
        let rows = expected.rows.rows.len();
        let mut survivors = Vec::new();
        let is_unlike = |sql: &str| -> Result<bool> {
            Ok(match self.run("", sql, rows + 1)? {
                Ok(found) => difference(&expected, &found, &context).is_some(),
                Err(fault) => !fault.is_about_cost() && !fault.is_a_collision(),
            })
        };
        for one in left.iter_mut() {
            if !is_unlike(&one.mutant.sql)? {
                one.matters = one.matters || is_unlike(&one.mutant.emptied)?;
                survivors.push(*one);
            }
        }
        // A difference counts where the truth is determined.
        if survivors.len() < left.len()
            && is_determined(&expected, &self.variants(truth)?, &context)
        {
            *left = survivors;
        }
        Ok(Ok(rows > 0 || expected.rows.affected > 0))
    }

    /// The same where some of them can be told from the scoped statement at all: on most data
    /// none can, and the truth is dear. True when the scoped statement has rows.
    pub(super) fn hunt_fast(&self, left: &mut Vec<Left<'_>>) -> Result<Result<bool, Execution>> {
        let Ok(own) = self.run("", self.scoped(), MOST)? else {
            return self.hunt(left);
        };
        let rows = own.rows.rows.len();
        if rows == MOST {
            return Ok(Ok(false));
        }
        let context = self.context()?;
        let mut unlike: Vec<Left<'_>> = Vec::new();
        let mut alike = Vec::new();
        for mut one in std::mem::take(left) {
            let differs = |sql: &str| -> Result<bool> {
                Ok(match self.run("", sql, rows + 1)? {
                    Ok(found) if self.plan.writes => {
                        found.rows != own.rows || found.tables != own.tables
                    }
                    Ok(found) => difference(&own, &found, &context).is_some(),
                    Err(fault) => !fault.is_about_cost() && !fault.is_a_collision(),
                })
            };
            if differs(&one.mutant.sql)? {
                unlike.push(one);
            } else {
                one.matters = one.matters || differs(&one.mutant.emptied)?;
                alike.push(one);
            }
        }
        let shows = rows > 0 || own.rows.affected > 0;
        let judged = match unlike.is_empty() {
            true => Ok(shows),
            false if self.is_settled() => self.hunt_settled(&own, &context, &mut unlike)?,
            false => self.hunt(&mut unlike)?,
        };
        left.extend(alike);
        left.extend(unlike);
        Ok(judged)
    }

    /// Takes those out that differ where the scoped statement does what the original does without
    /// the rows outside its scope.
    fn hunt_settled(
        &self,
        own: &Outcome,
        context: &Context,
        unlike: &mut Vec<Left<'_>>,
    ) -> Result<Result<bool, Execution>> {
        let clean = self.plan.clean.as_deref().unwrap_or_default();
        let Ok(expected) = self.run(clean, self.sql, MOST)? else {
            return self.hunt(unlike);
        };
        if difference(&expected, own, context).is_some() {
            return self.hunt(unlike);
        }
        let rows = expected.rows.rows.len();
        let mut survivors = Vec::new();
        for one in unlike.iter() {
            let is_alike = match self.run("", &one.mutant.sql, rows + 1)? {
                Ok(found) => difference(&expected, &found, context).is_none(),
                Err(fault) => fault.is_about_cost() || fault.is_a_collision(),
            };
            if is_alike {
                survivors.push(*one);
            }
        }
        *unlike = survivors;
        Ok(Ok(rows > 0))
    }

    /// Does the text alone settle which rows come back, if not their order?
    fn is_settled(&self) -> bool {
        let tokens = lexer::lex(Dialect::Sqlite, self.sql).unwrap_or_default();
        let settles = |token: &Token| !UNSETTLED.iter().any(|word| token.is(self.sql, word));
        self.plan.clean.is_some() && !self.plan.writes && tokens.iter().all(settles)
    }

    /// Do two texts do something else in the place of the statement? What fails says nothing.
    pub(super) fn is_unlike(&self, one: &str, two: &str) -> Result<bool> {
        let (Ok(one), Ok(two)) = (self.run("", one, MOST)?, self.run("", two, MOST)?) else {
            return Ok(false);
        };
        Ok(difference(&one, &two, &self.context()?).is_some())
    }

    /// What the original does where the rows outside the scopes are not; or why that is not
    /// known.
    fn truth(&self) -> Result<Result<(Truth, Outcome), String>> {
        if let Some((sql, make)) = &self.plan.views
            && let Ok(outcome) = self.run(make, sql, MOST)?
        {
            return Ok(Ok((Truth::Views, outcome)));
        }
        let Some(clean) = &self.plan.clean else {
            return Ok(Err("two references of one table differ in scope".to_owned()));
        };
        Ok(match self.run(clean, self.sql, MOST)? {
            Ok(outcome) => Ok((Truth::Clean, outcome)),
            Err(fault) => Err(format!("the original fails on the data, {}", fault.message)),
        })
    }

    /// Prepares the ground and runs on a branch, and takes the tables along that may be written.
    fn run(&self, prepare: &str, sql: &str, most: usize) -> Run {
        self.session.branch(|| {
            self.session.make(prepare)?;
            let rows = match self.session.call(sql, self.arguments, most) {
                Ok(rows) => rows,
                Err(fault) => return Ok(Err(fault)),
            };
            let mut outcome = Outcome {
                rows,
                ..Outcome::default()
            };
            if self.plan.writes {
                for (table, _) in &self.plan.tables {
                    outcome.tables.insert(table.name.clone(), self.part(table)?);
                }
            }
            Ok(Ok(outcome))
        })?
    }

    /// The rows of a table, parted.
    fn part(&self, table: &Table) -> Result<Part> {
        let sql = format!(
            "SELECT ({}) IS TRUE, * FROM main.{}",
            self.plan.inside(&table.name),
            quote(&table.name)
        );
        let rows = self
            .session
            .call(&sql, &[], usize::MAX)
            .map_err(|fault| anyhow::anyhow!("{}: {sql}", fault.message))?;
        Ok(Part::of(rows, "1"))
    }

    /// How all tables are before the statement.
    fn context(&self) -> Result<Context> {
        let mut context = Context::default();
        if self.plan.writes {
            for (table, _) in &self.plan.tables {
                context.before.insert(table.name.clone(), self.part(table)?);
            }
        }
        if let Some(target) = deleted(self.asked) {
            let own = self.world.tables.iter().find(|it| it.name == target);
            let marker = own.and_then(|table| table.soft.as_ref());
            let marker = marker.map(|soft| soft.marker.clone()).into_iter();
            let set = marker.chain(RECORD.map(str::to_owned)).collect();
            context.deleted = Some(([target].into(), set));
        }
        Ok(context)
    }

    /// Does the original on all rows do something else?
    fn is_telling(&self, expected: &Outcome, context: &Context) -> Result<bool> {
        if !self.plan.is_soft() {
            return Ok(false);
        }
        // One row more is enough.
        let most = expected.rows.rows.len() + 1;
        Ok(match self.run("", self.sql, most)? {
            Ok(bare) => difference(expected, &bare, context).is_some(),
            // What is cut off for its cost says nothing.
            Err(fault) => !fault.is_about_cost(),
        })
    }

    /// A difference that says nothing about the scope: the truth itself is not determined, or
    /// only the views are to blame.
    fn excuse(
        &self,
        truth: Truth,
        expected: &Outcome,
        found: &Outcome,
        mut context: Context,
        unordered: bool,
    ) -> Result<Option<Execution>> {
        let rows = expected.rows.rows.len();
        let equal = |truth, telling| {
            Ok(Some(Execution::Equal {
                truth,
                rows,
                telling,
            }))
        };
        let variants = self.variants(truth)?;
        if unordered {
            let is_stable = |variant: &Outcome| variant.rows.rows == expected.rows.rows;
            if variants.iter().all(is_stable) {
                return Ok(None);
            }
            return equal(truth, self.is_telling(expected, &context)?);
        }
        if let Some(again) = variants.first() {
            context.volatile = volatile(expected, again);
        }
        let is_volatile = |name: &String| context.volatile.contains(&(None, name.clone()));
        let columns = &expected.rows.columns;
        if !columns.is_empty() && columns.iter().all(is_volatile) {
            return Ok(Some(unjudged("its result is not determined")));
        }
        if difference(expected, found, &context).is_none() {
            return equal(truth, self.is_telling(expected, &context)?);
        }
        let own = Context {
            volatile: context.volatile.clone(),
            ..Context::default()
        };
        let differs =
            |variant: &Outcome| difference(&inside(expected), &inside(variant), &own).is_some();
        if variants.iter().any(differs) {
            return Ok(Some(unjudged("its result is not determined")));
        }
        if truth == Truth::Views
            && let Some(clean) = &self.plan.clean
            && let Ok(clean) = self.run(clean, self.sql, MOST)?
            && difference(&clean, found, &context).is_none()
        {
            return equal(Truth::Clean, self.is_telling(&clean, &context)?);
        }
        Ok(None)
    }

    /// The truth once more, and in ways that make no difference where it is determined.
    fn variants(&self, truth: Truth) -> Result<Vec<Outcome>> {
        let (sql, prepare) = match (&self.plan.views, truth) {
            (Some((sql, make)), Truth::Views) => (sql.as_str(), make.as_str()),
            _ => (self.sql, self.plan.clean.as_deref().unwrap_or_default()),
        };
        let mut variants = Vec::new();
        for (begin, end) in self.settings() {
            let run = self.run(&format!("{begin};{prepare}"), sql, MOST);
            self.session.make(end)?;
            variants.extend(run?.ok());
        }
        if truth == Truth::Views {
            for turned in &self.plan.turned {
                variants.extend(self.run(turned, sql, MOST)?.ok());
            }
        }
        Ok(variants)
    }

    /// What a determined result does not depend on, and what takes it back: nothing at all, then
    /// the order of the rows in the tables, the direction of reading, and the indexes.
    fn settings(&self) -> Vec<(String, &'static str)> {
        let mut turned = Vec::new();
        for (table, _) in &self.plan.tables {
            let name = quote(&table.name);
            let columns: Vec<String> = table.columns.iter().map(|name| quote(name)).collect();
            let columns = columns.join(", ");
            turned.push(format!(
                "CREATE TEMP TABLE soft_turned AS SELECT {columns} FROM main.{name}; \
                 DELETE FROM main.{name}; INSERT INTO main.{name} ({columns}) \
                 SELECT {columns} FROM soft_turned ORDER BY rowid DESC; DROP TABLE soft_turned"
            ));
        }
        let backwards = "PRAGMA reverse_unordered_selects = on; PRAGMA automatic_index = off";
        let forwards = "PRAGMA reverse_unordered_selects = off; PRAGMA automatic_index = on";
        vec![
            (String::new(), ""),
            (turned.join(";"), ""),
            (backwards.to_owned(), forwards),
            (format!("{backwards};{}", turned.join(";")), forwards),
        ]
    }
}

fn unjudged(reason: &str) -> Execution {
    Execution::Unjudged(reason.to_owned())
}

fn is_determined(expected: &Outcome, variants: &[Outcome], context: &Context) -> bool {
    let own = Context {
        volatile: context.volatile.clone(),
        ..Context::default()
    };
    let expected = inside(expected);
    let is_same = |variant| difference(&expected, &inside(variant), &own).is_none();
    variants.iter().all(is_same)
}

/// Without what is outside the scope: the truth against itself.
fn inside(outcome: &Outcome) -> Outcome {
    let mut outcome = outcome.clone();
    for part in outcome.tables.values_mut() {
        part.outside.clear();
    }
    outcome
}
