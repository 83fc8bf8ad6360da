//! What came of the statements, counted.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use super::judge::{Difference, Outcome};

/// What came of a statement and of those made from it.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) as_written: Outcome,
    /// Where there is a LIMIT.
    pub(super) without_limits: Option<Outcome>,
    /// Without LIMIT and with conditions turned.
    pub(super) turned: Option<Outcome>,
}

/// How many of a key, and where the first was.
type Groups = BTreeMap<String, (usize, String)>;

#[derive(Debug, Default)]
pub(super) struct Report {
    made: usize,
    too_expensive: usize,
    plain: usize,
    judged: usize,
    telling: usize,
    invalid: Groups,
    refused: Groups,
    undetermined: Groups,
    forms: [Form; 3],
    different: Vec<String>,
}

/// One text of each statement.
#[derive(Debug, Default)]
struct Form {
    equal: usize,
    telling: usize,
    writes: usize,
    undetermined: usize,
}

impl Report {
    /// Adds what came of a statement; `place` says how to find it again.
    pub(super) fn add(&mut self, place: &str, outcomes: Outcomes) {
        self.made += 1;
        match &outcomes.as_written {
            Outcome::Invalid(code) => count(&mut self.invalid, code, place),
            Outcome::TooExpensive => self.too_expensive += 1,
            Outcome::Plain => self.plain += 1,
            Outcome::Refused { code, message } => {
                count(&mut self.refused, code, &format!("{place}: {message}"));
            }
            Outcome::Equal { .. } | Outcome::Undetermined(_) | Outcome::Different(_) => {}
        }
        let of_statement = [
            Some(outcomes.as_written),
            outcomes.without_limits,
            outcomes.turned,
        ];
        let mut judged = false;
        let mut told = false;
        let mut why = None;
        for (form, outcome) in self.forms.iter_mut().zip(of_statement) {
            match outcome {
                Some(Outcome::Equal { telling, writes }) => {
                    judged = true;
                    told |= telling;
                    form.equal += 1;
                    form.telling += usize::from(telling);
                    form.writes += usize::from(writes);
                }
                Some(Outcome::Undetermined(reason)) => {
                    form.undetermined += 1;
                    why.get_or_insert(reason);
                }
                Some(Outcome::Different(difference)) => {
                    judged = true;
                    self.different.push(shown(place, &difference));
                }
                _ => {}
            }
        }
        self.judged += usize::from(judged);
        self.telling += usize::from(told);
        if let (false, Some(why)) = (judged, why) {
            count(&mut self.undetermined, &why, place);
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.different.is_empty() && !self.refused.contains_key("PANIC")
    }

    /// The differences that came since there were so many.
    pub(super) fn differences(&self, since: usize) -> &[String] {
        self.different.get(since..).unwrap_or_default()
    }

    /// One line on the way.
    pub(super) fn progress(&self) -> String {
        format!(
            "{} made, {} valid, {} judged, {} different",
            self.made,
            self.valid(),
            self.judged,
            self.different.len()
        )
    }

    /// Statements that PostgreSQL runs.
    fn valid(&self) -> usize {
        self.made - sum(&self.invalid) - self.too_expensive
    }
}

fn count(groups: &mut Groups, key: &str, first: &str) {
    let entry = groups
        .entry(key.to_owned())
        .or_insert_with(|| (0, first.to_owned()));
    entry.0 += 1;
}

fn sum(groups: &Groups) -> usize {
    groups.values().map(|(count, _)| count).sum()
}

fn shown(place: &str, difference: &Difference) -> String {
    let Difference {
        what,
        original,
        words,
        truth,
        scoped,
        expected,
        found,
    } = difference;
    format!(
        "{place}: {what} differ\n--- original\n{original}\n--- truth\n{truth}\n\
         --- scoped by `{words}`\n{scoped}\n--- expected only\n{expected}\n--- found only\n{found}"
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut line = |count: usize, what: &str| {
            let _ = writeln!(text, "{count:>8} {what}");
        };
        line(self.made, "made");
        line(sum(&self.invalid), "  rejected by PostgreSQL");
        line(self.too_expensive, "  too expensive");
        line(self.valid(), "valid");
        line(self.plain, "  read nothing soft-deletable");
        line(sum(&self.refused), "  refused");
        line(sum(&self.undetermined), "  not determined");
        line(self.judged, "  judged");
        line(self.telling, "    not equal to the truth without the scope");
        line(self.different.len(), "different");
        let _ = writeln!(
            text,
            "\n{:<16}{:>8}{:>9}{:>8}{:>16}",
            "form", "equal", "telling", "writes", "not determined"
        );
        let names = ["as written", "without LIMIT", "turned"];
        for (name, form) in names.iter().zip(&self.forms) {
            let _ = writeln!(
                text,
                "{name:<16}{:>8}{:>9}{:>8}{:>16}",
                form.equal, form.telling, form.writes, form.undetermined
            );
        }
        for (groups, of) in [
            (&self.refused, "refused"),
            (&self.undetermined, "not determined"),
            (&self.invalid, "rejected"),
        ] {
            for (key, (count, first)) in groups {
                let _ = writeln!(text, "{of} {key}: {count}, first {first}");
            }
        }
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcomes, Report};
    use crate::sqlsmith::judge::Outcome;

    fn equal(telling: bool) -> Outcome {
        Outcome::Equal {
            telling,
            writes: false,
        }
    }

    #[test]
    fn a_statement_is_judged_by_what_is_determined_of_it() {
        let mut report = Report::default();
        let undetermined = || Outcome::Undetermined("the result depends on the plan".to_owned());
        let mut add = |place: &str, as_written, without_limits| {
            report.add(
                place,
                Outcomes {
                    as_written,
                    without_limits,
                    turned: None,
                },
            );
        };
        add("1", undetermined(), Some(equal(true)));
        add("2", equal(false), Some(undetermined()));
        add("3", undetermined(), Some(undetermined()));
        add("4", Outcome::Invalid("42883".to_owned()), None);
        let text = report.to_string();
        assert_eq!(report.valid(), 3);
        assert!(text.contains("       2   judged\n"), "{text}");
        assert!(text.contains("       1     not equal to"), "{text}");
        assert!(text.contains("depends on the plan: 1, first 3\n"), "{text}");
        assert!(report.is_sound());
    }
}
