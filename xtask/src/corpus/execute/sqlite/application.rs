//! The statements of an application, on a database made from its schema.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use soft_delete_sql::{Schema, schema::MarkerKind};

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped, Stage, scopes::quote},
    data::Source,
    database::Database,
    hunt::{Hunt, ended},
    session::Session,
};

/// Data sets tried, until one shows what a forgotten filter would do.
const SETS: u64 = 8;

/// Databases of one schema with data of their own.
pub(in crate::corpus) struct Application {
    databases: Vec<Database>,
    schema: Schema,
    source: Source,
    notes: Vec<String>,
}

impl Application {
    pub(in crate::corpus) fn new(schema: &Schema, file: &Path, seed: u64) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let filled = |seed| filled(schema, &text, seed);
        let mut schema = schema.clone();
        let mut notes = vec![format!("seed {seed}")];
        notes.extend(counted(&mut schema));
        Ok(Self {
            databases: (seed..seed + SETS)
                .map(filled)
                .collect::<Result<_>>()
                .with_context(|| file.display().to_string())?,
            schema,
            source: Source::new(seed),
            notes,
        })
    }
}

/// What a marker that is a number counts, the application says in its soft-delete.toml.
fn counted(schema: &mut Schema) -> Vec<String> {
    let mut notes = Vec::new();
    for table in &mut schema.tables {
        let Some(marker) = &table.marker else {
            continue;
        };
        let is_number = table.columns.iter().any(|column| {
            column.name == marker.column && column.sql_type.to_ascii_lowercase().contains("int")
        });
        if marker.kind == MarkerKind::Timestamp && is_number && table.settings.now.is_none() {
            table.settings.now = Some("unixepoch()".to_owned());
            notes.push(format!(
                "[tables.{}] now = \"unixepoch()\" is added",
                table.name.name
            ));
        }
    }
    notes
}

fn filled(schema: &Schema, text: &str, seed: u64) -> Result<Database> {
    let session = Session::open()?;
    session.make(text)?;
    // What a trigger does is not what is judged.
    for name in session.texts("SELECT name FROM sqlite_schema WHERE type = 'trigger'")? {
        session.make(&format!("DROP TRIGGER {}", quote(&name)))?;
    }
    let database = Database::new(session, schema)?;
    let mut source = Source::new(seed);
    for table in &database.world.tables {
        source.fill(&database.session, table)?;
    }
    Ok(database)
}

impl Application {
    fn parameters(&self, sql: &str) -> usize {
        let prepared = self.databases[0].session.prepared(sql);
        prepared.map_or(0, |it| it.parameters)
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
        self.databases[0].session.prepared(sql).is_ok()
    }

    fn execute(&mut self, sql: &str, asked: &Asked) -> Execution {
        let parameters = self.parameters(sql);
        let mut best = Execution::Unjudged("no call returns rows".to_owned());
        for database in &self.databases {
            let calls = self.source.calls(parameters);
            let execution = database.execute(sql, asked, &calls);
            if execution.worth() >= best.worth() {
                best = execution;
            }
            if best.worth() >= Execution::TELLS {
                break;
            }
        }
        best
    }

    fn hunt(
        &mut self,
        sql: &str,
        scoped: &Scoped,
        mutants: &[Mutant],
    ) -> Result<Vec<Fate>, Execution> {
        let parameters = self.parameters(sql);
        let mut hunt = Hunt::new(sql, scoped, mutants);
        for database in &self.databases {
            let calls = self.source.calls(parameters);
            ended(hunt.on(database, &calls))?;
        }
        let hunted = hunt.on_witnesses(&self.databases[0], parameters, self.source.random());
        ended(hunted).map(|()| hunt.fates())
    }

    fn advance(&mut self, _: &str) {}
}
