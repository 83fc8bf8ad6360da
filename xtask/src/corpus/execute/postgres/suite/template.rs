//! The database that every script of the suite begins with.

use anyhow::{Context as _, Result};
use postgres::Config;

use super::{super::super::Stage as _, super::session::Session, Suite};
use crate::corpus::read::Corpus;

/// The script that the suite runs before all others.
const SETUP: &str = "test_setup";

/// A database that is copied for each script, and dropped at the end.
#[derive(Debug)]
pub(in crate::corpus) struct Template {
    pub(super) url: String,
    pub(super) name: String,
}

impl Template {
    /// Replays the setup of a suite.
    pub(in crate::corpus) fn new(url: &str, corpus: &Corpus, seed: u64) -> Result<Self> {
        let name = format!("soft_delete_suite_{}", std::process::id());
        let mut scripts = corpus.scripts.iter();
        let setup = scripts
            .find(|script| script.name() == SETUP)
            .with_context(|| format!("the suite has no script {SETUP}"))?;
        let mut suite = Suite::open(url, &name, "template0", setup, seed)?;
        // Dropped with this from now on.
        let template = Self {
            url: url.to_owned(),
            name,
        };
        for statement in &setup.statements {
            suite.advance(&statement.sql);
        }
        suite.catch_up()?;
        suite.close();
        Ok(template)
    }
}

impl Drop for Template {
    fn drop(&mut self) {
        remove(&self.url, &self.name);
    }
}

/// Drops a database, and the accounts that the suite made beside it.
pub(super) fn remove(url: &str, name: &str) {
    let removing = || -> Result<()> {
        let config: Config = url.parse()?;
        let mut admin = Session::open(&config)?;
        admin.must(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        let accounts = admin.must(
            "SELECT format('DROP ROLE %I', rolname) FROM pg_catalog.pg_roles \
             WHERE rolname ~ '^regress'",
        )?;
        for drop in accounts.rows.into_iter().flatten().flatten() {
            admin.must(&drop)?;
        }
        Ok(())
    };
    // A failure here must not hide the outcome.
    let _ = removing();
}

/// Rows for the tables of many numbers that most scripts read; an error for any other table.
pub(super) fn numbered(table: &str) -> String {
    let letters = |number: &str| {
        let letter = |power: u32| format!("chr(65 + {number} / {} % 26)", 26_u32.pow(power));
        let letters: Vec<String> = (0..4).map(letter).collect();
        format!("{} || 'xx'", letters.join(" || "))
    };
    format!(
        "INSERT INTO {table} (unique1, unique2, two, four, ten, twenty, hundred, thousand, \
         twothousand, fivethous, tenthous, odd, even, stringu1, stringu2, string4) \
         SELECT u, n, u % 2, u % 4, u % 10, u % 20, u % 100, u % 1000, u % 2000, u % 5000, u, \
         u % 100 * 2, u % 100 * 2 + 1, {}, {}, (ARRAY['AAAAxx', 'HHHHxx', 'OOOOxx', 'VVVVxx'])[n % 4 + 1] \
         FROM (SELECT n, (n * 7919 + 13) % 1000 AS u FROM generate_series(0, 999) n) numbers",
        letters("u"),
        letters("n"),
    )
}
