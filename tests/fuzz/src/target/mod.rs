//! The targets, by the name of their binary in `fuzz/`.

mod application;
mod check;
mod input;
mod lexer;
mod macro_tokens;
mod migrations;
mod oracle;
mod parser;
mod schemas;
mod statement;
mod toml;

pub use oracle::broken;

/// How far an input came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is no input of the target, or was refused.
    Refused,
    /// It was accepted, and what came of it was looked at.
    Accepted,
}

impl Outcome {
    fn accepted_if(accepted: bool) -> Self {
        if accepted {
            Self::Accepted
        } else {
            Self::Refused
        }
    }
}

/// A target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name of its binary and of its directory of seeds.
    pub name: &'static str,
    /// Panics when a promise is broken.
    pub run: fn(&[u8]) -> Outcome,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "lexer",
        run: lexer::run,
    },
    Target {
        name: "parser",
        run: parser::run,
    },
    Target {
        name: "check",
        run: check::run,
    },
    Target {
        name: "statement",
        run: statement::run,
    },
    Target {
        name: "migrations",
        run: migrations::run,
    },
    Target {
        name: "toml",
        run: toml::run,
    },
    Target {
        name: "macro_tokens",
        run: macro_tokens::run,
    },
];

impl Target {
    /// The target of this name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn by_name(name: &str) -> &'static Self {
        let target = TARGETS.iter().find(|target| target.name == name);
        target.unwrap_or_else(|| panic!("no target is called {name}"))
    }
}
