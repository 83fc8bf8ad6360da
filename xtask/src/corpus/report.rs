//! The table, the details and the thresholds.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use serde_json::{Value, json};

use super::{Statement, Verdict};

/// A statement with its verdict.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) id: String,
    pub(super) sql: String,
    pub(super) verdict: Verdict,
}

/// What one corpus came to.
#[derive(Debug)]
pub(super) struct Summary {
    name: String,
    pub(super) statements: usize,
    pub(super) accepted: usize,
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

impl Summary {
    /// The head of the table.
    pub(super) const HEADER: &'static str =
        "corpus               statements accepted  judged  understood            missed  extra";

    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            statements: 0,
            accepted: 0,
            judged: Vec::new(),
        }
    }

    /// A regression suite also holds what no application sends as a query.
    fn is_suite(&self) -> bool {
        self.name
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .starts_with("pg_regress")
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

    pub(super) fn add(&mut self, judged: Judged) {
        self.judged.push(judged);
    }

    fn count(&self, test: impl Fn(&Verdict) -> bool) -> usize {
        self.judged
            .iter()
            .filter(|judged| test(&judged.verdict))
            .count()
    }

    fn understood(&self) -> usize {
        self.count(|verdict| verdict.understood)
    }

    fn missed(&self) -> usize {
        self.judged
            .iter()
            .map(|judged| judged.verdict.missed.len())
            .sum()
    }

    fn extra(&self) -> usize {
        self.judged
            .iter()
            .map(|judged| judged.verdict.extra.len())
            .sum()
    }

    /// Understood statements of 10,000 judged ones.
    fn rate(&self) -> usize {
        match self.judged.len() {
            0 => 10_000,
            judged => self.understood() * 10_000 / judged,
        }
    }

    /// What is not reached, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let wanted = if self.is_suite() { 9_800 } else { 9_950 };
        let mut faults = Vec::new();
        if self.judged.is_empty() {
            faults.push("no statement was judged".to_owned());
        }
        if self.rate() < wanted {
            faults.push(format!(
                "{} understood, {} wanted",
                percent(self.rate()),
                percent(wanted)
            ));
        }
        if self.missed() > 0 {
            faults.push(format!("{} references missed", self.missed()));
        }
        (!faults.is_empty()).then(|| format!("{}: {}", self.name, faults.join(", ")))
    }

    /// The statements refused with a code, or with references that only one side has.
    pub(super) fn statements_with(&self, code: &str) -> String {
        let mut out = String::new();
        for judged in &self.judged {
            let verdict = &judged.verdict;
            let shown = match code {
                "missed" if !verdict.missed.is_empty() => verdict.missed.join(", "),
                "extra" if !verdict.extra.is_empty() => verdict.extra.join(", "),
                _ => match &verdict.refusal {
                    Some((refused, message)) if refused == code => message.clone(),
                    _ => continue,
                },
            };
            let sql = judged.sql.trim();
            let _ = writeln!(out, "--- {}: {code}: {shown}\n{sql}", judged.id);
        }
        out
    }

    /// Codes with how often they came and an example; first those that say "not understood".
    fn refusals(&self) -> BTreeMap<(bool, &str), (usize, &str, &str)> {
        let mut codes = BTreeMap::new();
        for judged in &self.judged {
            if let Some((code, message)) = &judged.verdict.refusal {
                codes
                    .entry((judged.verdict.understood, code.as_str()))
                    .or_insert((0, judged.id.as_str(), message.as_str()))
                    .0 += 1;
            }
        }
        codes
    }

    fn json(&self) -> Value {
        let details: Vec<Value> = self
            .judged
            .iter()
            .filter(|judged| {
                let verdict = &judged.verdict;
                verdict.refusal.is_some() || !verdict.understood || !verdict.extra.is_empty()
            })
            .map(|judged| {
                let refusal = judged.verdict.refusal.as_ref();
                json!({
                    "id": judged.id,
                    "sql": judged.sql,
                    "understood": judged.verdict.understood,
                    "missed": judged.verdict.missed,
                    "extra": judged.verdict.extra,
                    "code": refusal.map(|(code, _)| code),
                    "message": refusal.map(|(_, message)| message),
                })
            })
            .collect();
        json!({
            "corpus": self.name,
            "statements": self.statements,
            "accepted": self.accepted,
            "judged": self.judged.len(),
            "understood": self.understood(),
            "missed": self.missed(),
            "extra": self.extra(),
            "details": details,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<20} {:>10} {:>8} {:>7}  {:>10} {:<11} {:>5} {:>6}",
            self.name,
            self.statements,
            self.accepted,
            self.judged.len(),
            self.understood(),
            format!("({})", percent(self.rate())),
            self.missed(),
            self.extra()
        )?;
        for ((understood, code), (count, id, message)) in self.refusals() {
            let kind = if understood {
                "refused"
            } else {
                "NOT UNDERSTOOD"
            };
            writeln!(f, "    {kind} {code} × {count}: {id}: {message}")?;
        }
        Ok(())
    }
}

/// The details of every corpus.
pub(super) fn json(summaries: &[Summary]) -> String {
    let corpora: Vec<Value> = summaries.iter().map(Summary::json).collect();
    format!("{:#}\n", Value::from(corpora))
}

/// Hundredths of a percent, rounded down: a threshold is not reached by rounding.
fn percent(rate: usize) -> String {
    format!("{}.{:02} %", rate / 100, rate % 100)
}

#[cfg(test)]
mod tests {
    use super::{Judged, Summary, Verdict};

    fn summary(name: &str, understood: usize, not: usize, missed: &[&str]) -> Summary {
        let mut summary = Summary::new(name);
        for at in 0..understood + not {
            summary.add(Judged {
                id: at.to_string(),
                sql: "SELECT 1".into(),
                verdict: Verdict {
                    understood: at < understood,
                    missed: match at {
                        0 => missed.iter().map(|&name| name.to_owned()).collect(),
                        _ => Vec::new(),
                    },
                    extra: Vec::new(),
                    refusal: (at >= understood).then(|| ("SD009".into(), "what?".into())),
                },
            });
        }
        summary
    }

    #[test]
    fn an_application_needs_99_5_percent_and_a_suite_98() {
        assert_eq!(summary("apps/x", 199, 1, &[]).fault(), None);
        assert_eq!(
            summary("apps/x", 198, 2, &[]).fault(),
            Some("apps/x: 99.00 % understood, 99.50 % wanted".into())
        );
        assert_eq!(summary("pg_regress15", 98, 2, &[]).fault(), None);
        assert_eq!(
            summary("pg_regress15", 97, 3, &[]).fault(),
            Some("pg_regress15: 97.00 % understood, 98.00 % wanted".into())
        );
    }

    #[test]
    fn one_missed_reference_or_nothing_to_judge_is_a_failure() {
        assert_eq!(
            summary("x", 1000, 0, &["users"]).fault(),
            Some("x: 1 references missed".into())
        );
        assert_eq!(
            summary("x", 0, 0, &[]).fault(),
            Some("x: no statement was judged".into())
        );
    }

    #[test]
    fn refusals_are_grouped_with_an_example() {
        assert_eq!(
            summary("apps/x", 1, 2, &[]).to_string(),
            "apps/x                        0        0       3           1 (33.33 %)       0      0\n    \
             NOT UNDERSTOOD SD009 × 2: 1: what?\n"
        );
    }
}
