//! The statements of a script that builds its database as it goes.

use anyhow::Result;
use fastrand::Rng;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{self, Config},
};

use super::{
    super::{Asked, Execution, Fate, Mutant, Scoped, Stage},
    database::Database,
    hunt::{Hunt, ended},
    marked,
    session::Session,
    world::{Table, World},
};

/// Its database as it is, and a copy of it in which every table has a marker and tombstones.
pub(in crate::corpus) struct Script {
    plain: Session,
    seed: u64,
    copy: Copy,
    /// The script wrote something since the copy was made.
    is_stale: bool,
}

struct Copy {
    database: Database,
    /// The tables of the script, without markers.
    tables: Vec<Table>,
    definition: Vec<String>,
    schema: Schema,
}

impl Script {
    pub(in crate::corpus) fn new(seed: u64) -> Result<Self> {
        let plain = Session::open()?;
        let schema = schema_of(&[])?;
        let copy = Copy {
            database: Database::new(Session::open()?, &schema)?,
            tables: Vec::new(),
            definition: Vec::new(),
            schema,
        };
        Ok(Self {
            plain,
            seed,
            copy,
            is_stale: false,
        })
    }

    /// The copy as the script left its database.
    fn copy(&mut self) -> Result<&Copy> {
        if !self.is_stale {
            return Ok(&self.copy);
        }
        let tables = World::read(&self.plain, &schema_of(&[])?)?.tables;
        let mut random = Rng::with_seed(self.seed);
        let mut definition = Vec::new();
        let mut rows = Vec::new();
        for table in &tables {
            definition.extend(marked::definition(&self.plain, table)?);
            rows.extend(marked::rows(&self.plain, table, &mut random)?);
        }
        if definition != self.copy.definition {
            self.copy.schema = schema_of(&definition)?;
        }
        let session = Session::open()?;
        session.make(&definition.join(";"))?;
        session.make(&rows.join(";"))?;
        self.copy.database = Database::new(session, &self.copy.schema)?;
        self.copy.tables = tables;
        self.copy.definition = definition;
        self.is_stale = false;
        Ok(&self.copy)
    }
}

fn schema_of(definition: &[String]) -> Result<Schema> {
    let sql = definition.join(";\n");
    schema::from_sql(Dialect::Sqlite, &sql, &Config::default()).map_err(|faults| {
        let texts: Vec<String> = faults.iter().map(|fault| fault.render(&sql)).collect();
        anyhow::anyhow!("{}", texts.join("\n"))
    })
}

impl Stage for Script {
    fn refresh(&mut self) -> Result<()> {
        self.copy().map(|_| ())
    }

    fn schema(&mut self) -> &Schema {
        &self.copy.schema
    }

    fn adapted(&mut self, sql: &str) -> Option<String> {
        marked::adapted(sql, &self.copy.tables)
    }

    fn accepts(&mut self, sql: &str) -> bool {
        self.copy.database.session.prepared(sql).is_ok()
    }

    fn execute(&mut self, sql: &str, asked: &Asked) -> Execution {
        self.copy.database.execute(sql, asked, &[Vec::new()])
    }

    fn hunt(
        &mut self,
        sql: &str,
        scoped: &Scoped,
        mutants: &[Mutant],
    ) -> Result<Vec<Fate>, Execution> {
        let mut hunt = Hunt::new(sql, scoped, mutants);
        let database = &self.copy.database;
        let mut random = Rng::with_seed(self.seed);
        let hunted = hunt
            .on(database, &[Vec::new()])
            .and_then(|done| match done {
                Ok(()) => hunt.on_witnesses(database, 0, &mut random),
                wrong => Ok(wrong),
            });
        ended(hunted).map(|()| hunt.fates())
    }

    fn notes(&mut self) -> Vec<String> {
        vec![format!(
            "every table has a column {} and tombstones, seed {}",
            marked::MARKER,
            self.seed
        )]
    }

    fn advance(&mut self, sql: &str) {
        let writes = self.plain.prepared(sql).map_or(true, |it| it.writes);
        // A script contains statements that are to fail.
        let _ = self.plain.batch(sql);
        self.is_stale |= writes;
    }
}
