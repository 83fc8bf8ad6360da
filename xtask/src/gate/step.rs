//! The steps of the gate and what each needs.

use clap::ValueEnum;

use crate::server::Kind;

/// A step, in the order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// rustfmt.
    Fmt,
    /// Clippy, with warnings as errors.
    Clippy,
    /// The documentation builds without a warning.
    Rustdoc,
    /// The façade compiles with each of its features alone.
    Features,
    /// The tests of every package that is no step of its own.
    Unit,
    /// What must not compile, and its message.
    Ui,
    /// Queries on SQLite.
    Sqlite,
    /// Queries on PostgreSQL.
    Postgres,
    /// Queries on MariaDB or MySQL.
    Mysql,
    /// The collected leaks.
    Cases,
    /// Generated queries: scoped on dirty data against plain on clean data.
    Differential,
    /// Other people's SQL, where there is some: `cargo xtask corpus`.
    Corpus,
    /// Documentation tests.
    Doc,
    /// The quickstart, run as the README says.
    Quickstart,
}

/// The database servers of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// None.
    Nothing,
    /// It is about this one: leaving it out leaves the step out.
    Only(Kind),
    /// It runs without them too, if told so.
    Also(&'static [Kind]),
}

impl Step {
    pub(crate) const ALL: [Self; 14] = [
        Self::Fmt,
        Self::Clippy,
        Self::Rustdoc,
        Self::Features,
        Self::Unit,
        Self::Ui,
        Self::Sqlite,
        Self::Postgres,
        Self::Mysql,
        Self::Cases,
        Self::Differential,
        Self::Corpus,
        Self::Doc,
        Self::Quickstart,
    ];

    pub(crate) fn word(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// The test package that the step runs.
    pub(crate) const fn package(self) -> Option<&'static str> {
        match self {
            Self::Ui => Some("test-ui"),
            Self::Sqlite => Some("test-sqlite"),
            Self::Postgres => Some("test-postgres"),
            Self::Mysql => Some("test-mysql"),
            Self::Cases => Some("test-cases"),
            Self::Differential => Some("test-differential"),
            _ => None,
        }
    }

    pub(crate) const fn needs(self) -> Needs {
        match self {
            Self::Postgres => Needs::Only(Kind::Postgres),
            Self::Mysql => Needs::Only(Kind::Mysql),
            Self::Cases | Self::Differential => Needs::Also(&[Kind::Postgres, Kind::Mysql]),
            Self::Corpus => Needs::Also(&[Kind::Postgres]),
            _ => Needs::Nothing,
        }
    }

    /// True for what runs the test programs built at the beginning.
    pub(crate) const fn is_test(self) -> bool {
        matches!(self, Self::Unit) || self.package().is_some()
    }
}

impl Needs {
    pub(crate) fn includes(self, kind: Kind) -> bool {
        match self {
            Self::Nothing => false,
            Self::Only(only) => only == kind,
            Self::Also(kinds) => kinds.contains(&kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Needs, Step};
    use crate::server::Kind;

    #[test]
    fn a_step_about_one_server_needs_that_server_only() {
        assert_eq!(Step::Mysql.needs(), Needs::Only(Kind::Mysql));
        assert!(Step::Mysql.needs().includes(Kind::Mysql));
        assert!(!Step::Mysql.needs().includes(Kind::Postgres));
        assert!(Step::Cases.needs().includes(Kind::Postgres));
        assert!(!Step::Unit.needs().includes(Kind::Postgres));
    }
}
