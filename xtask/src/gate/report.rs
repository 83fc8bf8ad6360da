//! The table at the end.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::server::Kind;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed(Duration),
    Failed(Duration),
    /// An earlier step made it pointless.
    NotRun(&'static str),
    /// Its server could not be had and nobody said that it may be left out.
    Missing(Kind),
    /// Left out, for the reason that the note gives.
    LeftOut,
}

impl Outcome {
    const fn is_fault(self) -> bool {
        matches!(self, Self::Failed(_) | Self::NotRun(_) | Self::Missing(_))
    }
}

#[derive(Debug)]
struct Row {
    step: String,
    outcome: Outcome,
    note: String,
}

/// What happened so far.
#[derive(Debug)]
pub(super) struct Report {
    begin: Instant,
    rows: Vec<Row>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            begin: Instant::now(),
            rows: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, step: &str, outcome: Outcome, note: String) {
        self.rows.push(Row {
            step: step.to_owned(),
            outcome,
            note,
        });
    }

    /// Runs a step and records how it ended; true when it passed.
    pub(super) fn time(
        &mut self,
        step: &str,
        note: String,
        work: impl FnOnce() -> Result<bool>,
    ) -> bool {
        println!("\n=== {step}");
        let begin = Instant::now();
        let passed = work().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            false
        });
        let outcome = if passed {
            Outcome::Passed(begin.elapsed())
        } else {
            Outcome::Failed(begin.elapsed())
        };
        self.add(step, outcome, note);
        passed
    }

    pub(super) fn passed(&self) -> bool {
        !self.rows.iter().any(|row| row.outcome.is_fault())
    }

    pub(super) fn print(&self) {
        print!("\n{}", self.table(self.begin.elapsed()));
    }

    fn table(&self, total: Duration) -> String {
        let mut out = format!("{:<22}{:<10}{:>9}\n", "step", "result", "seconds");
        for row in &self.rows {
            let (result, seconds, reason) = match row.outcome {
                Outcome::Passed(time) => ("ok", Some(time), String::new()),
                Outcome::Failed(time) => ("FAILED", Some(time), String::new()),
                Outcome::NotRun(reason) => ("NOT RUN", None, reason.to_owned()),
                Outcome::Missing(kind) => (
                    "NOT RUN",
                    None,
                    format!("no server; `--without {}` accepts that", kind.word()),
                ),
                Outcome::LeftOut => ("left out", None, String::new()),
            };
            let seconds =
                seconds.map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64()));
            let line = format!(
                "{:<22}{result:<10}{seconds:>9}  {reason}{}",
                row.step, row.note
            );
            out.push_str(line.trim_end());
            out.push('\n');
        }
        let faults = self
            .rows
            .iter()
            .filter(|row| row.outcome.is_fault())
            .count();
        let result = if faults == 0 { "ok" } else { "FAILED" };
        let _ = writeln!(
            out,
            "{:<22}{result:<10}{:>9.1}",
            "total",
            total.as_secs_f64()
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, Report};
    use crate::server::Kind;

    fn report(outcomes: &[(&str, Outcome)]) -> Report {
        let mut report = Report::new();
        for (step, outcome) in outcomes {
            let note = match outcome {
                Outcome::LeftOut => "told so".to_owned(),
                _ => String::new(),
            };
            report.add(step, *outcome, note);
        }
        report
    }

    #[test]
    fn the_table_says_what_was_left_out_and_why() {
        let report = report(&[
            ("fmt", Outcome::Passed(Duration::from_millis(1240))),
            ("postgres", Outcome::Missing(Kind::Postgres)),
            ("mysql", Outcome::LeftOut),
        ]);
        assert_eq!(
            report.table(Duration::from_secs(2)),
            "\
step                  result      seconds
fmt                   ok              1.2
postgres              NOT RUN           -  no server; `--without postgres` accepts that
mysql                 left out          -  told so
total                 FAILED          2.0
"
        );
        assert!(!report.passed());
    }

    #[test]
    fn what_was_left_out_on_request_is_no_failure() {
        assert!(report(&[("mysql", Outcome::LeftOut)]).passed());
        assert!(!report(&[("unit", Outcome::NotRun("it does not build"))]).passed());
        assert!(!report(&[("unit", Outcome::Failed(Duration::ZERO))]).passed());
    }

    #[test]
    fn a_step_that_errs_has_failed() {
        let mut report = Report::new();
        assert!(!report.time("x", String::new(), || anyhow::bail!("no")));
        assert!(report.time("y", String::new(), || Ok(true)));
        assert!(!report.passed());
    }
}
