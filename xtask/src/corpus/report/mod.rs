//! What one corpus came to, and the thresholds.

mod print;

use std::collections::BTreeMap;

use super::{
    Statement, Verdict,
    execute::{Asked, Execution, Fate, Truth},
};

pub(super) use print::json;

/// A statement with everything that was found out about it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) id: String,
    pub(super) sql: String,
    pub(super) verdict: Verdict,
    /// Whether a database with the corpus's tables accepts it; `None` when there is none.
    pub(super) taken: Option<bool>,
    /// What was asked of the analyser; `None` when the corpus says no schema.
    pub(super) asked: Option<Asked>,
    /// What came of running it.
    pub(super) execution: Option<Execution>,
    /// The predicates left out one at a time, and what came of it.
    pub(super) mutants: Vec<(String, Fate)>,
}

/// What one corpus came to.
#[derive(Debug)]
pub(super) struct Summary {
    name: String,
    pub(super) statements: usize,
    pub(super) accepted: usize,
    /// What an execution says about itself, such as its seed.
    notes: Vec<String>,
    judged: Vec<Judged>,
}

/// libpg_query's kinds of statements that can stand in a query of an application.
const DML: [&str; 5] = [
    "SelectStmt",
    "InsertStmt",
    "UpdateStmt",
    "DeleteStmt",
    "MergeStmt",
];

/// Refusals of what a statement does, however well it is understood: it reads or destroys a table
/// wholesale, deletes rows for good, writes the marker, replaces a row, would find a tombstone in
/// place of the row it inserts, calls a function that reads a soft-deletable table by itself, or
/// asks an operation for rows. The message has the text to write instead.
const RULES: [&str; 7] = [
    "SD011", "SD014", "SD015", "SD016", "SD017", "SD019", "SD024",
];

/// Groups by key: how often, and an example.
type Groups<K> = BTreeMap<K, (usize, String)>;

impl Summary {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            statements: 0,
            accepted: 0,
            notes: Vec::new(),
            judged: Vec::new(),
        }
    }

    /// A test suite holds what no application sends as a query.
    fn is_suite(&self) -> bool {
        let last = self.name.rsplit('/').next().unwrap_or_default();
        last.starts_with("pg_regress") || last.starts_with("sqllogictest")
    }

    /// Does this statement count? All that an application sends does; of a suite and of a
    /// script, what reads or writes rows.
    pub(super) fn judges(&self, statement: &Statement) -> bool {
        match statement.tags.as_slice() {
            [tag] if tag == "query" => true,
            [tag] if tag == "statement" => {
                let sql = statement.sql.trim_start().to_ascii_uppercase();
                [
                    "SELECT", "WITH", "VALUES", "INSERT", "REPLACE", "UPDATE", "DELETE",
                ]
                .iter()
                .any(|word| sql.starts_with(word))
            }
            tags if self.is_suite() => matches!(tags, [tag] if DML.contains(&tag.as_str())),
            _ => true,
        }
    }

    /// Each note once: several databases of a corpus may say the same.
    pub(super) fn note(&mut self, notes: Vec<String>) {
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    pub(super) fn add(&mut self, judged: Judged) {
        self.judged.push(judged);
    }

    fn count(&self, test: impl Fn(&Judged) -> bool) -> usize {
        self.judged.iter().filter(|judged| test(judged)).count()
    }

    fn understood(&self) -> usize {
        self.count(|judged| judged.verdict.understood)
    }

    fn missed(&self) -> usize {
        let missed = self.judged.iter().map(|judged| judged.verdict.missed.len());
        missed.sum()
    }

    fn extra(&self) -> usize {
        let extra = self.judged.iter().map(|judged| judged.verdict.extra.len());
        extra.sum()
    }

    /// Statements that the database accepts and the analyser was asked about.
    fn asked(&self) -> usize {
        self.count(Judged::was_asked)
    }

    /// Those that compile under some request.
    fn compiles(&self) -> usize {
        self.count(|judged| judged.was_asked() && !judged.is_refused())
    }

    fn executed(&self) -> usize {
        self.count(|judged| {
            let learnt = |execution: &Execution| !matches!(execution, Execution::Unjudged(_));
            judged.execution.as_ref().is_some_and(learnt)
        })
    }

    fn equal(&self, by: Truth) -> usize {
        self.count(|judged| {
            matches!(&judged.execution, Some(Execution::Equal { truth, .. }) if *truth == by)
        })
    }

    fn telling(&self) -> usize {
        self.count(|judged| {
            matches!(
                &judged.execution,
                Some(Execution::Equal { telling: true, .. })
            )
        })
    }

    fn differs(&self) -> usize {
        self.count(Judged::is_wrong)
    }

    /// Refused for what it does: acceptance is about what is refused for any other reason.
    fn ruled(&self) -> usize {
        self.count(|judged| judged.was_asked() && judged.is_ruled())
    }

    /// Every statement that touches no soft-deletable table runs as it is; the others are what
    /// the execution is about.
    fn scoped(&self) -> usize {
        self.count(|judged| judged.was_asked() && matches!(judged.asked, Some(Asked::Scoped(_))))
    }

    /// What is not reached, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let suite = self.is_suite();
        let understood = rate(self.understood(), self.judged.len());
        let compiles = rate(self.compiles(), self.asked() - self.ruled());
        let mut faults = Vec::new();
        if self.judged.is_empty() {
            faults.push("no statement was judged".to_owned());
        }
        let mut wants = |rate: usize, wanted: usize, what: &str| {
            if rate < wanted {
                faults.push(format!(
                    "{} {what}, {} wanted",
                    percent(rate),
                    percent(wanted)
                ));
            }
        };
        wants(understood, if suite { 9_800 } else { 9_950 }, "understood");
        // Without the database's own word nothing is known of what it accepts.
        if self.judged.iter().any(|judged| judged.taken.is_some()) {
            wants(compiles, if suite { 9_900 } else { 9_990 }, "compiles");
        }
        if self.missed() > 0 {
            faults.push(format!("{} references missed", self.missed()));
        }
        if self.differs() > 0 {
            faults.push(format!("{} statements with a wrong result", self.differs()));
        }
        (!faults.is_empty()).then(|| format!("{}: {}", self.name, faults.join(", ")))
    }

    /// Why statements are not understood, by code.
    fn not_understood(&self) -> Groups<&str> {
        self.grouped(|judged| {
            let (code, message) = judged.verdict.fault.as_ref()?;
            Some((code.as_str(), message.clone()))
        })
    }

    /// Refusals of what the database accepts, by code.
    fn refusals(&self) -> Groups<&str> {
        self.grouped(|judged| match &judged.asked {
            Some(Asked::Refused { code, message })
                if judged.was_asked() && judged.verdict.fault.is_none() =>
            {
                Some((code.as_str(), message.clone()))
            }
            _ => None,
        })
    }

    fn mutants(&self, test: impl Fn(&Fate) -> bool) -> usize {
        let all = self.judged.iter().flat_map(|judged| &judged.mutants);
        all.filter(|(_, fate)| test(fate)).count()
    }

    /// Mutants that nothing tells apart, by what is known of the statement.
    fn survivors(&self) -> Groups<&str> {
        let mut groups = Groups::new();
        for judged in &self.judged {
            for (lacks, fate) in &judged.mutants {
                if let Fate::Survives(reason) = fate {
                    let example = || format!("{}: {lacks}", judged.id);
                    groups.entry(*reason).or_insert_with(|| (0, example())).0 += 1;
                }
            }
        }
        groups
    }

    /// Why nothing could be learnt of a statement.
    fn unjudged(&self) -> Groups<&str> {
        self.grouped(|judged| match &judged.execution {
            Some(Execution::Unjudged(reason)) => Some((reason.as_str(), String::new())),
            _ => None,
        })
    }

    fn grouped<'s>(
        &'s self,
        key: impl Fn(&'s Judged) -> Option<(&'s str, String)>,
    ) -> Groups<&'s str> {
        let mut groups = Groups::new();
        for judged in &self.judged {
            let Some((key, text)) = key(judged) else {
                continue;
            };
            let example = || match text.as_str() {
                "" => judged.id.clone(),
                text => format!("{}: {text}", judged.id),
            };
            groups.entry(key).or_insert_with(|| (0, example())).0 += 1;
        }
        groups
    }
}

impl Judged {
    /// What a database rejects for its text says nothing about acceptance.
    fn was_asked(&self) -> bool {
        self.asked.is_some() && self.taken != Some(false)
    }

    fn is_refused(&self) -> bool {
        matches!(self.asked, Some(Asked::Refused { .. }))
    }

    fn is_ruled(&self) -> bool {
        matches!(&self.asked, Some(Asked::Refused { code, .. }) if RULES.contains(&code.as_str()))
    }

    fn is_wrong(&self) -> bool {
        matches!(
            self.execution,
            Some(Execution::Differs { .. } | Execution::Rejected { .. })
        )
    }
}

/// Of 10,000; all of nothing.
fn rate(part: usize, whole: usize) -> usize {
    (part * 10_000).checked_div(whole).unwrap_or(10_000)
}

/// Hundredths of a percent, rounded down: a threshold is not reached by rounding.
fn percent(rate: usize) -> String {
    format!("{}.{:02} %", rate / 100, rate % 100)
}

#[cfg(test)]
mod tests {
    use super::{Asked, Execution, Judged, Summary, Truth, Verdict};

    fn judged(id: usize) -> Judged {
        Judged {
            id: id.to_string(),
            sql: "SELECT 1".into(),
            verdict: Verdict {
                understood: true,
                ..Verdict::default()
            },
            taken: Some(true),
            asked: Some(Asked::Plain),
            execution: None,
            mutants: Vec::new(),
        }
    }

    fn refused_with(code: &str, id: usize) -> Judged {
        Judged {
            asked: Some(Asked::Refused {
                code: code.into(),
                message: "how?".into(),
            }),
            ..judged(id)
        }
    }

    fn refused(id: usize) -> Judged {
        refused_with("SD013", id)
    }

    fn summary(name: &str, judged: impl IntoIterator<Item = Judged>) -> Summary {
        let mut summary = Summary::new(name);
        judged.into_iter().for_each(|judged| summary.add(judged));
        summary
    }

    /// So many are understood, and so many are not.
    fn partly(name: &str, understood: usize, not: usize) -> Summary {
        let all = (0..understood + not).map(|at| Judged {
            verdict: Verdict {
                understood: at < understood,
                fault: (at >= understood).then(|| ("SD009".into(), "what?".into())),
                ..Verdict::default()
            },
            asked: None,
            ..judged(at)
        });
        summary(name, all)
    }

    #[test]
    fn an_application_needs_99_5_percent_understood_and_a_suite_98() {
        assert_eq!(partly("apps/x", 199, 1).fault(), None);
        assert_eq!(
            partly("apps/x", 198, 2).fault(),
            Some("apps/x: 99.00 % understood, 99.50 % wanted".into())
        );
        assert_eq!(partly("pg_regress15", 98, 2).fault(), None);
        assert_eq!(
            partly("pg_regress15", 97, 3).fault(),
            Some("pg_regress15: 97.00 % understood, 98.00 % wanted".into())
        );
    }

    #[test]
    fn an_application_needs_99_9_percent_compiled_and_a_suite_99() {
        let partly = |name: &str, refusals: usize, all: usize| {
            let all = (0..all).map(|at| {
                if at < refusals {
                    refused(at)
                } else {
                    judged(at)
                }
            });
            summary(name, all).fault()
        };
        assert_eq!(partly("apps/x", 1, 1000), None);
        assert_eq!(
            partly("apps/x", 2, 1000),
            Some("apps/x: 99.80 % compiles, 99.90 % wanted".into())
        );
        assert_eq!(partly("pg_regress15", 1, 100), None);
        assert_eq!(
            partly("pg_regress15", 2, 100),
            Some("pg_regress15: 98.00 % compiles, 99.00 % wanted".into())
        );
    }

    #[test]
    fn what_the_database_rejects_is_no_refusal_of_ours() {
        let rejected = Judged {
            taken: Some(false),
            ..refused(0)
        };
        assert_eq!(summary("apps/x", [rejected, judged(1)]).fault(), None);
    }

    #[test]
    fn what_a_rule_forbids_is_counted_apart() {
        let summary = summary("apps/x", [refused_with("SD015", 0), judged(1)]);
        assert_eq!((summary.compiles(), summary.ruled()), (1, 1));
        assert_eq!(summary.fault(), None);
    }

    #[test]
    fn one_missed_reference_one_wrong_result_or_nothing_to_judge_is_a_failure() {
        let missed = Judged {
            verdict: Verdict {
                understood: true,
                missed: vec!["users".into()],
                ..Verdict::default()
            },
            ..judged(0)
        };
        assert_eq!(
            summary("x", [missed]).fault(),
            Some("x: 1 references missed".into())
        );
        let wrong = Judged {
            execution: Some(Execution::Rejected {
                scoped: "SELECT".into(),
                message: "no".into(),
            }),
            ..judged(0)
        };
        assert_eq!(
            summary("x", [wrong]).fault(),
            Some("x: 1 statements with a wrong result".into())
        );
        assert_eq!(
            summary("x", []).fault(),
            Some("x: no statement was judged".into())
        );
    }

    #[test]
    fn refusals_and_what_was_not_learnt_are_grouped_with_an_example() {
        let unjudged = |id| Judged {
            execution: Some(Execution::Unjudged("fails on the data".into())),
            ..judged(id)
        };
        let equal = Judged {
            execution: Some(Execution::Equal {
                truth: Truth::Clean,
                rows: 1,
                telling: true,
            }),
            ..judged(4)
        };
        let all = [refused(0), refused(1), unjudged(2), unjudged(3), equal];
        let summary = summary("apps/x", all);
        assert_eq!(summary.executed(), 1);
        assert_eq!(
            summary.groups(),
            "    refused SD013 × 2: 0: how?\n    not judged, fails on the data × 2: 2\n"
        );
    }
}
