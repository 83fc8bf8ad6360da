//! The table and the JSON.

use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use super::{Asked, Execution, Fate, Judged, Summary, Truth, percent, rate};

impl Summary {
    /// The head of the table.
    pub(in crate::corpus) const HEADER: &'static str = "\
corpus               statements accepted  judged  understood            missed  extra    \
compiles             ruled  scoped executed  views  clean telling differs";

    /// The statements refused with a code, or with references that only one side has, or with a
    /// wrong result.
    pub(in crate::corpus) fn statements_with(&self, code: &str) -> String {
        let mut out = String::new();
        for judged in &self.judged {
            if let Some(shown) = judged.shown(code) {
                let sql = judged.sql.trim();
                let _ = writeln!(out, "--- {}: {code}: {shown}\n{sql}", judged.id);
            }
        }
        out
    }

    pub(super) fn groups(&self) -> String {
        let mut out = String::new();
        for (code, (count, example)) in self.not_understood() {
            let _ = writeln!(out, "    NOT UNDERSTOOD {code} × {count}: {example}");
        }
        for (code, (count, example)) in self.refusals() {
            let _ = writeln!(out, "    refused {code} × {count}: {example}");
        }
        for (reason, (count, example)) in self.unjudged() {
            let _ = writeln!(out, "    not judged, {reason} × {count}: {example}");
        }
        let mutants = self.mutants(|_| true);
        if mutants > 0 {
            let on_data = self.mutants(|fate| *fate == Fate::Killed { witness: false });
            let on_witnesses = self.mutants(|fate| *fate == Fate::Killed { witness: true });
            let killed = on_data + on_witnesses;
            let open = mutants - self.mutants(Fate::is_explained);
            let _ = writeln!(
                out,
                "    predicates left out × {mutants}: {killed} told apart ({}; {} of what is not \
                 explained), {on_data} on the data, {on_witnesses} on witnesses",
                percent(rate(killed, mutants)),
                percent(rate(killed, open)),
            );
        }
        for (reason, (count, example)) in self.survivors() {
            let _ = writeln!(out, "    left out unseen, {reason} × {count}: {example}");
        }
        for judged in self.judged.iter().filter(|judged| judged.is_wrong()) {
            let _ = writeln!(out, "    WRONG {}", judged.id);
        }
        out
    }

    fn json(&self) -> Value {
        let details: Vec<Value> = self.judged.iter().map(Judged::json).collect();
        json!({
            "corpus": self.name,
            "notes": self.notes,
            "statements": self.statements,
            "accepted": self.accepted,
            "judged": self.judged.len(),
            "understood": self.understood(),
            "missed": self.missed(),
            "extra": self.extra(),
            "asked": self.asked(),
            "compiles": self.compiles(),
            "ruled": self.ruled(),
            "scoped": self.scoped(),
            "executed": self.executed(),
            "equal_by_views": self.equal(Truth::Views),
            "equal_by_clean_tables": self.equal(Truth::Clean),
            "telling": self.telling(),
            "differs": self.differs(),
            "mutants": self.mutants(|_| true),
            "killed": self.mutants(|fate| matches!(fate, Fate::Killed { .. })),
            "details": details,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<20} {:>10} {:>8} {:>7}  {:>10} {:<11} {:>5} {:>6} {:>11} {:<11} {:>6} {:>7} {:>8} {:>6} {:>6} {:>7} {:>7}",
            self.name,
            self.statements,
            self.accepted,
            self.judged.len(),
            self.understood(),
            format!("({})", percent(rate(self.understood(), self.judged.len()))),
            self.missed(),
            self.extra(),
            self.compiles(),
            format!(
                "({})",
                percent(rate(self.compiles(), self.asked() - self.ruled()))
            ),
            self.ruled(),
            self.scoped(),
            self.executed(),
            self.equal(Truth::Views),
            self.equal(Truth::Clean),
            self.telling(),
            self.differs(),
        )?;
        for note in &self.notes {
            writeln!(f, "    {note}")?;
        }
        f.write_str(&self.groups())
    }
}

impl Judged {
    /// What is to be said about a statement under the heading of a code.
    fn shown(&self, code: &str) -> Option<String> {
        let verdict = &self.verdict;
        match (code, &self.execution) {
            ("missed", _) => (!verdict.missed.is_empty()).then(|| verdict.missed.join(", ")),
            ("extra", _) => (!verdict.extra.is_empty()).then(|| verdict.extra.join(", ")),
            (
                "wrong",
                Some(Execution::Differs {
                    scoped,
                    expected,
                    found,
                    ..
                }),
            ) => Some(format!(
                "\nscoped: {}\nexpected: {expected}\nfound: {found}",
                scoped.trim()
            )),
            ("wrong", Some(Execution::Rejected { scoped, message })) => {
                Some(format!("\nscoped: {}\n{message}", scoped.trim()))
            }
            ("wrong", _) => None,
            ("unjudged", Some(Execution::Unjudged(reason))) => Some(reason.clone()),
            ("survivors", _) => self.survivors(),
            _ => match (&verdict.fault, &self.asked) {
                (Some((fault, message)), _) if fault == code => Some(message.clone()),
                (None, Some(Asked::Refused { code: own, message }))
                    if own == code && self.was_asked() =>
                {
                    Some(message.clone())
                }
                _ => None,
            },
        }
    }

    /// What was left out unseen.
    fn survivors(&self) -> Option<String> {
        let lacks = |(lacks, fate): &(String, Fate)| match fate {
            Fate::Survives(reason) => Some(format!("{lacks} ({reason})")),
            Fate::Killed { .. } => None,
        };
        let all: Vec<String> = self.mutants.iter().filter_map(lacks).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    fn json(&self) -> Value {
        let fault = self.verdict.fault.as_ref();
        let (request, refusal) = match &self.asked {
            None => (Value::Null, None),
            Some(Asked::Plain) => ("".into(), None),
            Some(Asked::Scoped(scoped)) => (scoped.words.clone().into(), None),
            Some(Asked::Refused { code, message }) => (Value::Null, Some((code, message))),
        };
        json!({
            "id": self.id,
            "sql": self.sql,
            "understood": self.verdict.understood,
            "missed": self.verdict.missed,
            "extra": self.verdict.extra,
            "accepted": self.taken,
            "request": request,
            "code": fault.map(|(code, _)| code).or(refusal.map(|(code, _)| code)),
            "message": fault.map(|(_, text)| text).or(refusal.map(|(_, text)| text)),
            "execution": self.execution.as_ref().map(execution),
            "survivors": self.survivors(),
        })
    }
}

fn execution(execution: &Execution) -> Value {
    let by = |truth: &Truth| match truth {
        Truth::Views => "views",
        Truth::Clean => "clean tables",
    };
    match execution {
        Execution::Equal {
            truth,
            rows,
            telling,
        } => json!({"equal": by(truth), "rows": rows, "telling": telling}),
        Execution::Differs {
            truth,
            scoped,
            expected,
            found,
        } => json!({
            "differs": by(truth), "scoped": scoped, "expected": expected, "found": found,
        }),
        Execution::Rejected { scoped, message } => {
            json!({"rejected": message, "scoped": scoped})
        }
        Execution::Unjudged(reason) => json!({"unjudged": reason}),
    }
}

/// Every statement of every corpus.
pub(in crate::corpus) fn json(summaries: &[Summary]) -> String {
    let corpora: Vec<Value> = summaries.iter().map(Summary::json).collect();
    format!("{:#}\n", Value::from(corpora))
}
