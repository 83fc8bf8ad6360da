//! The statements of an application, on a database made from its schema.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use fastrand::Rng;
use postgres::Config;
use soft_delete_sql::{
    Dialect, Schema,
    schema::Config as Settings,
    syntax::{TokenKind, lexer},
};

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped, Stage},
    calls::Calls,
    data::Source,
    hunt::{Ended, Hunt},
    plan::{Plan, names},
    session::Session,
    witness::Witness,
    world::World,
};
use crate::tpch;

/// How many rows the tables of TPC-H have.
const SCALE: f64 = 0.01;

/// Nothing that a statement does may reach beyond its table: foreign keys, triggers and rules
/// are not what is judged.
pub(super) const ALONE: &str = "SET LOCAL session_replication_role = replica";

/// A database of its own with data of its own.
pub(in crate::corpus) struct Application {
    admin: Session,
    name: String,
    session: Option<Session>,
    schema: Schema,
    world: World,
    source: Source,
    /// Every table that takes rows: its bare name, and its qualified and quoted one.
    tables: Vec<(String, String)>,
    seed: u64,
    notes: Vec<String>,
}

impl Application {
    /// Makes the database on the server of this URL.
    pub(in crate::corpus) fn new(
        url: &str,
        schema: &Schema,
        file: &Path,
        seed: u64,
    ) -> Result<Self> {
        let (admin, name, mut session) = open(url, "3s")?;
        let mut notes = vec![format!("seed {seed}")];
        let failed = load(&mut session, file)?;
        if let Some(first) = failed.first() {
            notes.push(format!(
                "{} statements of the schema fail: {first}",
                failed.len()
            ));
        }
        session.must("SELECT pg_catalog.set_config('search_path', 'public', false)")?;
        partition(&mut session)?;
        let world = World::read(&mut session, schema, &Settings::default().markers)?;
        for name in &world.unknown {
            notes.push(format!(
                "{name} has a marker and is not soft-deletable to the analyser"
            ));
        }
        let mut source = Source::new(&mut session, seed)?;
        let tables = tables(&mut session)?;
        fill(&mut session, &mut source, &world, &tables)?;
        Ok(Self {
            admin,
            name,
            session: Some(session),
            schema: schema.clone(),
            world,
            source,
            tables,
            seed,
            notes,
        })
    }

    /// A database with the tables of TPC-H and the rows that its generator writes, tombstones
    /// among them.
    pub(in crate::corpus) fn of_tpch(url: &str, file: &Path, seed: u64) -> Result<Self> {
        let tables = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let schema = tpch::schema(&tables)?;
        let (admin, name, mut session) = open(url, "30s")?;
        tpch::load(session.client(), &tables, SCALE)?;
        session.must("SET search_path = public")?;
        let world = World::read(&mut session, &schema, &[])?;
        let source = Source::new(&mut session, seed)?;
        let tables = self::tables(&mut session)?;
        Ok(Self {
            admin,
            name,
            session: Some(session),
            schema,
            world,
            source,
            tables,
            seed,
            notes: vec![format!("scale factor {SCALE}")],
        })
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("open until dropped")
    }

    /// Calls a statement until an execution is worth so much.
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
        let types = session.parameters(sql).unwrap_or_default();
        let calls = source.calls(sql, &types);
        let judging = |session: &mut Session| {
            let mut judging = Calls {
                session,
                world,
                sql,
                asked,
                plan: &plan,
                wanted,
            };
            judging.judge(&calls)
        };
        let judged = session
            .query(&format!("BEGIN;{ALONE}"))
            .and_then(|_| judging(session))
            .and_then(|best| session.query("ROLLBACK").map(|_| best));
        judged.unwrap_or_else(|fault| Execution::Unjudged(format!("the session fails: {fault}")))
    }
}

impl Application {
    /// Hunts the mutants that survive the data that is there.
    fn on_witnesses(
        &mut self,
        sql: &str,
        scoped: &Scoped,
        mutants: &[Mutant],
        fates: &mut [Fate],
    ) -> Result<Result<(), Execution>> {
        let session = self.session.as_mut().expect("open until dropped");
        let types = session.parameters(sql).unwrap_or_default();
        let named = names(sql, &lexer::lex(Dialect::Postgres, sql).unwrap_or_default());
        let tables: Vec<(String, String)> = self
            .tables
            .iter()
            .filter(|(bare, _)| named.contains(bare))
            .cloned()
            .collect();
        let witness = Witness::new(
            session,
            &self.source,
            &self.world,
            &tables,
            (sql, scoped),
            &types,
        )?;
        session.must(&format!("BEGIN;{ALONE}"))?;
        let mut hunt = Hunt {
            session,
            world: &self.world,
            sql,
            scoped,
            witness: &witness,
            // The data of a statement does not depend on those before it.
            random: Rng::with_seed(self.seed),
        };
        let hunted = hunt.hunt(mutants, fates);
        session.must("ROLLBACK")?;
        match hunted {
            Ok(()) => Ok(Ok(())),
            Err(Ended::Wrong(wrong)) => Ok(Err(wrong)),
            Err(Ended::Fault(fault)) => Err(anyhow::anyhow!("{fault}")),
        }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.session = None;
        // A failure here must not hide the outcome.
        let _ = self.admin.query(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}

impl Stage for Application {
    fn schema(&mut self) -> &Schema {
        &self.schema
    }

    fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    fn accepts(&mut self, sql: &str) -> bool {
        match self.session().parameters(sql) {
            Ok(_) => true,
            Err(fault) => !fault.is_about_the_text(),
        }
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
        let mut fates: Vec<Fate> = mutants.iter().map(&mut fate).collect();
        let hunted = self.on_witnesses(sql, scoped, mutants, &mut fates);
        hunted
            .unwrap_or_else(|fault| {
                Err(Execution::Unjudged(format!("the session fails: {fault:#}")))
            })
            .map(|()| fates)
    }

    fn advance(&mut self, _: &str) {}
}

/// Makes a database of our own: who made it, its name, and a session on it.
fn open(url: &str, timeout: &str) -> Result<(Session, String, Session)> {
    let config: Config = url.parse().with_context(|| format!("{url} is no URL"))?;
    let mut admin = Session::open(&config)?;
    let name = format!("soft_delete_corpus_{}", std::process::id());
    create(&mut admin, &name, "template0")?;
    let mut session = Session::open(config.clone().dbname(&name))?;
    session.must(&format!(
        "SET client_min_messages = error; SET statement_timeout = '{timeout}'; SET jit = off"
    ))?;
    Ok((admin, name, session))
}

/// Makes a database.
pub(super) fn create(admin: &mut Session, name: &str, template: &str) -> Result<()> {
    admin.must(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
    let text = match template {
        "template0" => " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
        _ => "",
    };
    admin.must(&format!("CREATE DATABASE {name} TEMPLATE {template}{text}"))?;
    Ok(())
}

/// Runs a schema file; returns what the server rejects.
fn load(session: &mut Session, file: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    // The commands of psql in a dump.
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('\\'))
        .collect();
    let text = lines.join("\n");
    let tokens = lexer::lex(Dialect::Postgres, &text)
        .map_err(|fault| anyhow::anyhow!("{}: {}", file.display(), fault.message))?;
    let mut failed = Vec::new();
    let mut start = 0;
    for token in tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Semicolon)
    {
        let statement = &text[start..token.end];
        start = token.end;
        if let Err(fault) = session.query(statement) {
            failed.push(fault.to_string());
        }
    }
    Ok(failed)
}

/// A partitioned table without a partition takes no row.
fn partition(session: &mut Session) -> Result<()> {
    let make = session.must(
        "SELECT format(CASE partstrat \
            WHEN 'h' THEN 'CREATE TABLE %I.%I PARTITION OF %s FOR VALUES WITH (MODULUS 1, REMAINDER 0)' \
            ELSE 'CREATE TABLE %I.%I PARTITION OF %s DEFAULT' END, \
            relnamespace::regnamespace, relname || '_soft_rest', partrelid::regclass) \
         FROM pg_catalog.pg_partitioned_table JOIN pg_catalog.pg_class c ON c.oid = partrelid \
         WHERE partdefid = 0 AND (partstrat <> 'h' OR NOT EXISTS \
            (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = partrelid))",
    )?;
    for statement in make.rows.into_iter().flatten().flatten() {
        session.must(&statement)?;
    }
    Ok(())
}

/// Every table that is no partition.
fn tables(session: &mut Session) -> Result<Vec<(String, String)>> {
    let tables = session.must(
        "SELECT c.relname, format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition \
         AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 2",
    )?;
    let pair = |row: Vec<Option<String>>| {
        let mut row = row.into_iter().flatten();
        Some((row.next()?, row.next()?))
    };
    Ok(tables.rows.into_iter().filter_map(pair).collect())
}

fn fill(
    session: &mut Session,
    source: &mut Source,
    world: &World,
    tables: &[(String, String)],
) -> Result<()> {
    session.must(&format!("BEGIN; {ALONE}"))?;
    for (_, table) in tables {
        source.fill(session, world, table)?;
    }
    session.must("COMMIT; ANALYZE")?;
    // The next number of each sequence is one that no row has.
    let sequences = session.must(
        "SELECT format('SELECT pg_catalog.setval(%L::regclass, %s)', \
         format('%I.%I', schemaname, sequencename), least(max_value, 1000)) \
         FROM pg_catalog.pg_sequences WHERE increment_by > 0",
    )?;
    for statement in sequences.rows.into_iter().flatten().flatten() {
        session.must(&statement)?;
    }
    Ok(())
}
