//! A script of PostgreSQL's regression suite, replayed statement by statement on a database of
//! its own, whose tables all become soft-deletable.

mod catalog;
mod template;
mod views;

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, Result};
use postgres::Config;
use soft_delete_sql::{
    Dialect, Schema,
    syntax::{Token, TokenKind, lexer},
};

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped, Stage},
    application::{ALONE, create},
    calls::Calls,
    data::Source,
    plan::Plan,
    session::{Fault, Session},
    world::World,
};
use crate::corpus::read::Script;
use catalog::MARKER;
pub(in crate::corpus) use template::Template;

/// A database in the state that the next statement meets. Its tombstones exist while a statement
/// is judged, and not while one runs for its effect.
pub(in crate::corpus) struct Suite {
    url: String,
    name: String,
    session: Option<Session>,
    schema: Schema,
    world: World,
    source: Source,
    /// What the corpus knows that no server accepts, such as variables of psql.
    rejected: HashSet<String>,
    /// Views that could not be given a filter.
    views: HashSet<String>,
    /// The schema may have changed.
    stale: bool,
    notes: BTreeMap<String, usize>,
}

/// Words that begin a statement which changes no table, index, view or function.
const HARMLESS: [&str; 22] = [
    "SELECT",
    "VALUES",
    "TABLE",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "EXPLAIN",
    "FETCH",
    "MOVE",
    "CLOSE",
    "WITH",
    "SHOW",
    "ANALYZE",
    "LOCK",
    "GRANT",
    "REVOKE",
    "COMMENT",
    "NOTIFY",
    "LISTEN",
    "PREPARE",
    "DEALLOCATE",
];

/// What reaches beyond the database, or takes long and changes no row.
const SKIPPED: [&[&str]; 12] = [
    &["VACUUM"],
    &["REINDEX"],
    &["CHECKPOINT"],
    &["ALTER", "SYSTEM"],
    &["ALTER", "DATABASE"],
    &["CREATE", "DATABASE"],
    &["DROP", "DATABASE"],
    &["CREATE", "TABLESPACE"],
    &["ALTER", "TABLESPACE"],
    &["DROP", "TABLESPACE"],
    &["CREATE", "SUBSCRIPTION"],
    &["SET", "STATEMENT_TIMEOUT"],
];

/// No statement of the suite is to hold a run up.
const TIMEOUT: &str = "2s";

impl Suite {
    /// A database for a script, like the template.
    pub(in crate::corpus) fn new(template: &Template, script: &Script, seed: u64) -> Result<Self> {
        let name = format!("soft_delete_script_{}", std::process::id());
        Self::open(&template.url, &name, &template.name, script, seed)
    }

    fn open(url: &str, name: &str, template: &str, script: &Script, seed: u64) -> Result<Self> {
        let config: Config = url.parse().with_context(|| format!("{url} is no URL"))?;
        create(&mut Session::open(&config)?, name, template)?;
        let mut session = Session::open(config.clone().dbname(name))?;
        // As the suite's own runner has them.
        session.must(&format!(
            "SET datestyle = 'Postgres, MDY'; SET timezone = 'PST8PDT'; \
             SET intervalstyle = 'postgres_verbose'; SET client_min_messages = error; \
             SET statement_timeout = '{TIMEOUT}'; SET jit = off"
        ))?;
        if template == "template0" {
            session.must(include_str!("oracle.sql"))?;
        }
        let rejected = script.statements.iter();
        let rejected = rejected.filter(|statement| statement.accepted == Some(false));
        let (schema, _) = catalog::read(&mut session)?;
        Ok(Self {
            url: url.to_owned(),
            name: name.to_owned(),
            schema,
            world: World::default(),
            source: Source::new(&mut session, seed)?,
            rejected: rejected.map(|statement| statement.sql.clone()).collect(),
            session: Some(session),
            views: HashSet::new(),
            stale: true,
            notes: BTreeMap::new(),
        })
    }

    /// Ends the session and leaves the database.
    fn close(mut self) {
        self.session = None;
        self.name.clear();
    }

    fn note(&mut self, note: String) {
        *self.notes.entry(note).or_default() += 1;
    }

    /// Marks new tables and reads the catalog.
    fn catch_up(&mut self) -> Result<()> {
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        if session.query("SELECT soft_oracle.mark()").is_err() {
            // The script's transaction has failed; it is stale until that ends.
            return Ok(());
        }
        let (mut schema, mut left_out) = catalog::read(session)?;
        while views::filter_next(session, &schema, &mut self.views)? {
            (schema, left_out) = catalog::read(session)?;
        }
        self.schema = schema;
        self.world = World::read_with(session, |_, _, columns| {
            columns
                .contains(&MARKER)
                .then(|| (MARKER.to_owned(), format!("{MARKER} IS NULL")))
        })?;
        self.stale = false;
        for fault in left_out {
            self.note(fault);
        }
        Ok(())
    }

    /// Runs something in a branch of the script's transaction, or in one of our own, as the
    /// account that owns the server; what is tried first can be taken back to `soft_try`. `None` when the script's transaction has failed.
    fn aside<T>(
        session: &mut Session,
        run: impl FnOnce(&mut Session) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let end = match session.query("SAVEPOINT soft_case") {
            Ok(_) => "ROLLBACK TO SAVEPOINT soft_case; RELEASE SAVEPOINT soft_case",
            Err(fault) if fault.is(&["25P01"]) => {
                session.query("BEGIN")?;
                "ROLLBACK"
            }
            Err(fault) if fault.is(&["25P02"]) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let done = session
            .query(&format!(
                "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; \
                 SET LOCAL statement_timeout = '{TIMEOUT}'; {ALONE}; SAVEPOINT soft_try"
            ))
            .and_then(|_| run(session));
        session.query(end)?;
        done.map(Some)
    }

    /// Calls a statement on tables with tombstones until an execution is worth so much.
    fn call(&mut self, sql: &str, asked: &Asked, wanted: usize) -> Execution {
        let Self {
            session: Some(session),
            world,
            source,
            ..
        } = self
        else {
            return Execution::Unjudged("no session".to_owned());
        };
        let plan = Plan::new(world, sql, asked);
        if plan.tables.is_empty() {
            return Execution::Unjudged("it names no soft-deletable table".to_owned());
        }
        let judged = Self::aside(session, |session| {
            let types = session.parameters(sql).unwrap_or_default();
            session.query("ROLLBACK TO SAVEPOINT soft_try")?;
            for (table, _) in plan.tables.iter().filter(|(table, _)| table.stores) {
                let name = table.name.replace('\'', "''");
                session.query(&format!("SELECT soft_oracle.bury('{name}')"))?;
            }
            if !types.is_empty() && source.learn(session).is_err() {
                return Ok(Execution::Unjudged("the types cannot be read".to_owned()));
            }
            let calls = source.calls(sql, &types);
            let mut judging = Calls {
                session,
                world,
                sql,
                asked,
                plan: &plan,
                wanted,
            };
            judging.judge(&calls)
        });
        match judged {
            Ok(Some(execution)) => execution,
            Ok(None) => Execution::Unjudged("the script's transaction has failed".to_owned()),
            Err(fault) => Execution::Unjudged(format!("the session fails, {}", fault.code)),
        }
    }

    /// Rows for an empty table that the suite fills from a file.
    fn fill(&mut self, table: &str) -> Result<()> {
        if self.stale {
            self.catch_up()?;
        }
        let Self {
            session: Some(session),
            source,
            world,
            ..
        } = self
        else {
            return Ok(());
        };
        // Outside of a transaction there is no savepoint.
        let own = match session.query("SAVEPOINT soft_fill") {
            Ok(_) => false,
            Err(fault) if fault.is(&["25P02"]) => return Ok(()),
            Err(_) => {
                session.must("BEGIN")?;
                true
            }
        };
        let known = session.must(&format!(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.oid = to_regclass('{}') AND c.relkind IN ('r', 'p')",
            table.replace('\'', "''")
        ))?;
        if let Some(table) = known.rows.into_iter().flatten().flatten().next() {
            let any = session.query(&format!("SELECT FROM {table} LIMIT 1"));
            let numbered =
                |session: &mut Session| session.query(&template::numbered(&table)).map(|_| ());
            if any.is_ok_and(|any| any.rows.is_empty()) && session.branch_kept(numbered).is_err() {
                source.learn(session)?;
                source.fill(session, world, &table)?;
            }
        }
        if own {
            session.must("COMMIT")?;
        }
        Ok(())
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        self.session = None;
        if !self.name.is_empty() {
            template::remove(&self.url, &self.name);
        }
    }
}

impl Stage for Suite {
    fn schema(&mut self) -> &Schema {
        &self.schema
    }

    fn notes(&mut self) -> Vec<String> {
        let notes = std::mem::take(&mut self.notes);
        let counted = |(note, count)| format!("{note} × {count}");
        notes.into_iter().map(counted).collect()
    }

    fn accepts(&mut self, sql: &str) -> bool {
        if self.stale
            && let Err(error) = self.catch_up()
        {
            self.note(format!("the catalog cannot be read: {error:#}"));
            return false;
        }
        let Some(session) = &mut self.session else {
            return false;
        };
        let accepted = Self::aside(session, |session| match session.parameters(sql) {
            // What ON CONFLICT infers comes out when it is planned.
            Ok(types) if types.is_empty() => Ok(session
                .query(&format!("EXPLAIN {sql}\n"))
                .map_or_else(|fault| !fault.is_about_the_text(), |_| true)),
            Ok(_) => Ok(true),
            // SELECT INTO cannot be prepared.
            Err(fault) if fault.is(&["42601"]) && has_word(sql, "INTO") => {
                session.query("ROLLBACK TO SAVEPOINT soft_try")?;
                Ok(session.query(sql).is_ok())
            }
            Err(fault) => Ok(!fault.is_about_the_text()),
        });
        matches!(accepted, Ok(Some(true)))
    }

    fn execute(&mut self, sql: &str, asked: &Asked) -> Execution {
        self.call(sql, asked, Execution::TELLS)
    }

    fn hunt(
        &mut self,
        sql: &str,
        scoped: &Scoped,
        mutants: &[Mutant],
    ) -> Result<Vec<Fate>, Execution> {
        let mut fate =
            |mutant: &Mutant| Fate::of(&self.call(sql, &mutant.asked(scoped), Execution::WRONG));
        Ok(mutants.iter().map(&mut fate).collect())
    }

    fn advance(&mut self, sql: &str) {
        let tokens = lexer::lex(Dialect::Postgres, sql).unwrap_or_default();
        let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(sql, word));
        if is(0, "COPY") {
            if tokens.iter().any(|token| token.is(sql, "FROM"))
                && let Some(table) = name(sql, tokens.get(1..).unwrap_or_default())
                && let Err(error) = self.fill(&table)
            {
                self.note(format!("a table cannot be filled: {error:#}"));
            }
            return;
        }
        let skipped = |words: &&[&str]| (0..).zip(*words).all(|(at, word)| is(at, word));
        if self.rejected.contains(sql) || SKIPPED.iter().any(skipped) {
            return;
        }
        // SELECT INTO makes a table; WITH begins both kinds.
        let makes = has_word(sql, "INTO") && !has_word(sql, "INSERT") && !has_word(sql, "MERGE");
        let harmless = HARMLESS.iter().any(|word| is(0, word)) && !makes;
        if let Some(session) = &mut self.session {
            // A script holds statements that are to fail.
            let _ = session.query(sql);
        }
        self.stale |= !harmless;
    }
}

fn has_word(sql: &str, word: &str) -> bool {
    let tokens = lexer::lex(Dialect::Postgres, sql).unwrap_or_default();
    tokens.iter().any(|token| token.is(sql, word))
}

/// The dotted name at the beginning, as written.
fn name(sql: &str, tokens: &[Token]) -> Option<String> {
    let is_part = |token: &&Token| {
        matches!(
            token.kind,
            TokenKind::Word | TokenKind::Quoted | TokenKind::Dot
        )
    };
    let mut name = String::new();
    let mut dotted = true;
    for token in tokens.iter().take_while(is_part) {
        if token.kind != TokenKind::Dot && !dotted {
            break;
        }
        dotted = token.kind == TokenKind::Dot;
        name.push_str(token.text(sql));
    }
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{Dialect, syntax::lexer};

    use super::name;

    #[test]
    fn a_copied_table_is_named_up_to_the_next_word() {
        let named = |sql: &str| {
            let tokens = lexer::lex(Dialect::Postgres, sql).expect("tokens");
            name(sql, &tokens)
        };
        assert_eq!(named("s.\"T\" FROM stdin"), Some("s.\"T\"".to_owned()));
        assert_eq!(named("t (a, b) FROM stdin"), Some("t".to_owned()));
        assert_eq!(named("(SELECT 1) TO stdout"), None);
    }
}
