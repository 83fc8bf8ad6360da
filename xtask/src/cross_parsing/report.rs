//! The table, and the differences by class.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    Other,
    compare::{Comparison, Kind},
};
use crate::corpus::Statement;

/// What came of everything.
#[derive(Debug, Default)]
pub(super) struct Report {
    rows: BTreeMap<(String, String, Other), Row>,
    classes: BTreeMap<(Other, String, Kind, String), Vec<Example>>,
    /// What one side alone understands; true for us.
    one_sided: BTreeMap<(Other, String, bool), Vec<Example>>,
}

/// One corpus next to one other parser.
#[derive(Debug, Default)]
struct Row {
    statements: usize,
    both: usize,
    equal: usize,
    only_us: usize,
    only_them: usize,
    agreed: usize,
    kinds: BTreeMap<Kind, usize>,
}

#[derive(Debug)]
struct Example {
    id: String,
    name: String,
    sql: String,
}

impl Report {
    pub(super) fn add(
        &mut self,
        corpus: &str,
        statement: &Statement,
        other: Other,
        comparison: Comparison,
    ) {
        let dialect = statement.dialect.to_string();
        let example = |name: &str| Example {
            id: statement.id.clone(),
            name: name.to_owned(),
            sql: statement.sql.clone(),
        };
        let key = (corpus.to_owned(), dialect.clone(), other);
        let row = self.rows.entry(key).or_default();
        row.statements += 1;
        match comparison {
            Comparison::OneSided { us, them } => {
                row.only_us += usize::from(us);
                row.only_them += usize::from(them);
                if us || them {
                    let one_sided = self.one_sided.entry((other, dialect, us)).or_default();
                    one_sided.push(example("statement"));
                }
            }
            Comparison::Both {
                agreed,
                differences,
            } => {
                row.both += 1;
                row.agreed += agreed;
                row.equal += usize::from(differences.is_empty());
                for difference in differences {
                    *row.kinds.entry(difference.kind).or_default() += 1;
                    let class = (other, dialect.clone(), difference.kind, difference.behind);
                    self.classes
                        .entry(class)
                        .or_default()
                        .push(example(&difference.name));
                }
            }
        }
    }

    /// True when a parser that is the database's own finds a reference that we do not find
    /// there.
    pub(super) fn misses(&self) -> bool {
        self.classes
            .keys()
            .any(|(other, _, kind, _)| *other != Other::Sqlparser && *kind != Kind::Extra)
    }

    pub(super) fn table(&self) -> String {
        let mut text = format!(
            "{:<24} {:<9} {:<12} {:>10} {:>8} {:>8} {:>10} {:>7} {:>6} {:>9} {:>8} {:>8} {:>9}\n",
            "corpus",
            "dialect",
            "next to",
            "statements",
            "both",
            "equal",
            "references",
            "missed",
            "extra",
            "elsewhere",
            "renamed",
            "only we",
            "only they"
        );
        for ((corpus, dialect, other), row) in &self.rows {
            let kind = |kind| row.kinds.get(&kind).copied().unwrap_or_default();
            let _ = writeln!(
                text,
                "{corpus:<24} {dialect:<9} {:<12} {:>10} {:>8} {:>8} {:>10} {:>7} {:>6} {:>9} {:>8} {:>8} {:>9}",
                other.name(),
                row.statements,
                row.both,
                row.equal,
                row.agreed,
                kind(Kind::Missed),
                kind(Kind::Extra),
                kind(Kind::Elsewhere),
                kind(Kind::Renamed),
                row.only_us,
                row.only_them,
            );
        }
        text
    }

    /// Each class of difference with an example, or with all of them.
    pub(super) fn differences(&self, all: bool) -> String {
        let mut text = String::new();
        for ((other, dialect, kind, behind), examples) in &self.classes {
            let (kind, other) = (kind.word(), other.name());
            let title = format!("{kind} next to {other}, {dialect}, behind `{behind}`");
            class(&mut text, &title, examples, all);
        }
        for ((other, dialect, us), examples) in &self.one_sided {
            let (who, other) = (if *us { "us" } else { "them" }, other.name());
            let title = format!("understood by {who} only next to {other}, {dialect}");
            class(&mut text, &title, examples, all);
        }
        text
    }
}

fn class(text: &mut String, title: &str, examples: &[Example], all: bool) {
    let _ = writeln!(text, "\n{} {title}", examples.len());
    let mut shortest: Vec<&Example> = examples.iter().collect();
    shortest.sort_by_key(|example| example.sql.len());
    let shown = if all { shortest.len() } else { 1 };
    for Example { id, name, sql } in shortest.into_iter().take(shown) {
        let sql: Vec<&str> = sql.split_whitespace().collect();
        let _ = writeln!(text, "    {id}: `{name}` in {}", sql.join(" "));
    }
}
