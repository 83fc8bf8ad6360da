//! Runs the scoped statement beside what stands for the truth.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Result;
use soft_delete_sql::{Schema, Scope};

use super::{
    session::{Answer, Fault, Session},
    text,
    world::{ALL, CLEAN, Table},
};
use crate::{
    corpus::{Asked, Scoped, ask},
    database::Rows,
};

/// What came of a statement.
#[derive(Debug)]
pub(super) enum Outcome {
    /// PostgreSQL rejects it, with this code.
    Invalid(String),
    TooExpensive,
    /// It reads nothing soft-deletable, and runs as it is.
    Plain,
    Refused {
        code: String,
        message: String,
    },
    Equal {
        /// Unscoped, it does something else: a forgotten filter shows.
        telling: bool,
        writes: bool,
    },
    /// The result depends on the plan, or the truth cannot be told; the reason groups.
    Undetermined(String),
    Different(Box<Difference>),
}

/// The scoped statement does not do what the original does in the truth.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) what: String,
    pub(super) original: String,
    pub(super) words: String,
    pub(super) truth: String,
    pub(super) scoped: String,
    pub(super) expected: String,
    pub(super) found: String,
}

/// Ways to plan that take rows in other orders.
const PLANNERS: [&str; 4] = [
    "",
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_hashagg = off; \
     SET LOCAL enable_seqscan = off; SET LOCAL enable_material = off",
    "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; \
     SET LOCAL enable_sort = off",
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
     SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1",
];

/// The code of a permission that is missing.
const FORBIDDEN: &str = "42501";

/// Judges one text.
pub(super) fn judge(session: &mut Session, schema: &Schema, sql: &str) -> Result<Outcome> {
    let Ok(asked) = catch_unwind(AssertUnwindSafe(|| ask(schema, sql))) else {
        return Ok(Outcome::Refused {
            code: "PANIC".to_owned(),
            message: "the analyser panicked".to_owned(),
        });
    };
    session.begin()?;
    let outcome = run(session, sql, asked);
    session.end();
    Ok(outcome)
}

fn run(session: &mut Session, sql: &str, asked: Asked) -> Outcome {
    let writes = is_write(sql);
    let live = if writes { state("public") } else { Vec::new() };
    let original = match session.run("", sql, &live) {
        Ok(answer) => answer,
        Err(Fault::TooExpensive) => return Outcome::TooExpensive,
        Err(Fault::Rejected(code, _)) => return Outcome::Invalid(code),
    };
    let scoped = match asked {
        Asked::Plain => return Outcome::Plain,
        Asked::Refused { code, message } => return Outcome::Refused { code, message },
        Asked::Scoped(scoped) => scoped,
    };
    let case = Case {
        sql,
        scoped: &scoped,
    };
    let clean = case.is_active();
    if writes {
        if !clean {
            return Outcome::Undetermined("it writes deleted rows".to_owned());
        }
        return case.compare(session, &original, Some(CLEAN));
    }
    match case.compare(session, &original, None) {
        // A view has no primary key to group by, and no system columns.
        Outcome::Undetermined(_) if clean => case.compare(session, &original, Some(CLEAN)),
        outcome => outcome,
    }
}

fn is_write(sql: &str) -> bool {
    let word = sql.split_whitespace().next().unwrap_or_default();
    ["insert", "update", "delete", "merge"].contains(&word.to_ascii_lowercase().as_str())
}

/// Queries for the live rows of every table in a schema.
fn state(schema: &str) -> Vec<String> {
    let select = |table: &Table| {
        let filter = table.filter(Scope::Active);
        format!("SELECT * FROM {schema}.{}{filter}", table.name)
    };
    ALL.iter().map(select).collect()
}

/// Queries for what no statement may touch: tombstones, and under a verb the number of rows.
fn untouched(scoped: &Scoped) -> Vec<String> {
    let tombstones = ALL.iter().filter_map(Table::tombstones);
    let counts = ALL
        .iter()
        .filter(|_| scoped.verb.is_some())
        .map(|table| format!("SELECT count(*) FROM public.{}", table.name));
    tombstones.chain(counts).collect()
}

struct Case<'a> {
    sql: &'a str,
    scoped: &'a Scoped,
}

impl Case<'_> {
    /// Only live rows are read and written.
    fn is_active(&self) -> bool {
        let mut references = self.scoped.references.iter();
        references.all(|reference| matches!(reference.scope, None | Some(Scope::Active)))
    }

    /// Holds the scoped statement against the original on the relations of its scopes, or on
    /// those of one schema.
    fn compare(&self, session: &mut Session, original: &[Rows], one: Option<&str>) -> Outcome {
        let truth = match text::truth(self.sql, &self.scoped.references, one) {
            Ok(truth) => truth,
            Err(missed) => return self.different(missed.to_string(), String::new(), None),
        };
        let writes = is_write(self.sql);
        let (there, here, kept) = if writes {
            (state(CLEAN), state("public"), untouched(self.scoped))
        } else {
            (Vec::new(), Vec::new(), Vec::new())
        };
        let expected = match session.run("", &truth, &there) {
            Ok(expected) => expected,
            Err(Fault::TooExpensive) => return Outcome::TooExpensive,
            Err(Fault::Rejected(code, _)) => {
                return Outcome::Undetermined(format!("the truth is rejected with {code}"));
            }
        };
        let found = session.run("", &self.scoped.sql, &here);
        match &found {
            Err(Fault::TooExpensive) => return Outcome::TooExpensive,
            // The role may read every table. Which functions it calls, rows or none, is up to
            // the plan.
            Err(Fault::Rejected(code, _)) if code == FORBIDDEN => {
                return Outcome::Undetermined("a plan calls a forbidden function".to_owned());
            }
            _ => {}
        }
        if writes && found.is_ok() {
            let before = session.run("", "SELECT 1", &kept);
            let after = session.run("", &self.scoped.sql, &kept);
            if before.as_ref().map(|all| &all[1..]) != after.as_ref().map(|all| &all[1..]) {
                let answers = (before, after);
                return self.different("what it must not touch".to_owned(), truth, Some(answers));
            }
        }
        if found.as_ref() == Ok(&expected) {
            return Outcome::Equal {
                telling: original != expected,
                writes,
            };
        }
        let again = [(truth.as_str(), &there), (self.scoped.sql.as_str(), &here)]
            .map(|(sql, then)| PLANNERS.map(|planner| session.run(planner, &marked(sql), then)));
        let [truths, founds] = &again;
        let varies =
            |answers: &[Answer], first: &Answer| answers.iter().any(|answer| answer != first);
        if !varies(truths, &Ok(expected.clone())) && !varies(founds, &found) {
            return self.different("rows".to_owned(), truth, Some((Ok(expected), found)));
        }
        let counts: Vec<Option<usize>> = truths.iter().map(count).collect();
        let others: Vec<Option<usize>> = founds.iter().map(count).collect();
        let one_count = counts.iter().all(|count| *count == counts[0]);
        if one_count && others.iter().all(|other| *other == others[0]) && counts[0] != others[0] {
            return self.different(
                "number of rows".to_owned(),
                truth,
                Some((Ok(expected), found)),
            );
        }
        Outcome::Undetermined("the result depends on the plan".to_owned())
    }

    fn different(&self, what: String, truth: String, answers: Option<(Answer, Answer)>) -> Outcome {
        let (expected, found) = answers.map_or((String::new(), String::new()), |(a, b)| {
            (show(&a, &b), show(&b, &a))
        });
        Outcome::Different(Box::new(Difference {
            what,
            original: self.sql.to_owned(),
            words: self.scoped.words.clone(),
            truth,
            scoped: self.scoped.sql.clone(),
            expected,
            found,
        }))
    }
}

/// The same statement in another spelling: what reads its own text is not determined either.
fn marked(sql: &str) -> String {
    format!("{sql}\n-- again")
}

/// The number of rows that the statement itself returned.
fn count(answer: &Answer) -> Option<usize> {
    let answer = answer.as_ref().ok()?;
    answer.first().map(Vec::len)
}

/// The rows of an answer that the other one has not.
fn show(answer: &Answer, other: &Answer) -> String {
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault) => return fault.to_string(),
    };
    let empty = Vec::new();
    let other = other.as_ref().unwrap_or(&empty);
    let mut text = String::new();
    for (at, rows) in answer.iter().enumerate() {
        let mut rest = other.get(at).cloned().unwrap_or_default();
        let mut only = Vec::new();
        for row in rows {
            match rest.iter().position(|candidate| candidate == row) {
                Some(same) => drop(rest.swap_remove(same)),
                None => only.push(row),
            }
        }
        if !only.is_empty() {
            let shown: Vec<String> = only.iter().take(5).map(|row| format!("{row:?}")).collect();
            let of = rows.len();
            text = format!(
                "{text}{at}: {} of {of} rows: {}\n",
                only.len(),
                shown.join(" ")
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{is_write, show};

    #[test]
    fn what_writes_is_known_by_its_first_word() {
        assert!(is_write("\n  update public.people set id = 1"));
        assert!(is_write("insert into public.tags select 1"));
        assert!(!is_write("WITH a AS (select 1) select * from a"));
    }

    #[test]
    fn only_the_rows_of_one_side_are_shown() {
        let row = |text: &str| vec![Some(text.to_owned())];
        let some = Ok(vec![vec![row("a"), row("b"), row("b")]]);
        let other = Ok(vec![vec![row("b")]]);
        assert_eq!(
            show(&some, &other),
            "0: 2 of 3 rows: [Some(\"a\")] [Some(\"b\")]\n"
        );
        assert_eq!(show(&other, &some), "");
    }
}
