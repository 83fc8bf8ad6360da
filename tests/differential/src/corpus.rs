//! Writes the generated statements down, for what reads corpora.

use std::{
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
};

use serde_json::json;

use crate::{generate::Case, print, world::World};

/// Names the folder that the statements of a run are written to.
const VARIABLE: &str = "SOFT_DELETE_CORPUS";

/// The folder of a run: below it one for each world, with its schema and its statements.
pub(crate) struct Corpus {
    root: Option<PathBuf>,
    statements: Option<File>,
}

impl Corpus {
    /// What the environment asks for.
    pub(crate) fn wanted() -> Self {
        Self {
            root: std::env::var_os(VARIABLE).map(PathBuf::from),
            statements: None,
        }
    }

    /// Adds a case; where it is the first of its world, the world too.
    pub(crate) fn add(&mut self, number: usize, is_first: bool, world: &World, case: &Case) {
        let Some(root) = &self.root else { return };
        if is_first {
            let folder = root
                .join(world.dialect.to_string())
                .join(format!("{number:07}"));
            fs::create_dir_all(&folder).expect("the folder of a world");
            fs::write(folder.join("schema.sql"), world.migrations()).expect("its schema");
            fs::write(folder.join("soft-delete.toml"), world.config()).expect("its settings");
            let file = File::create(folder.join("queries.jsonl")).expect("its statements");
            self.statements = Some(file);
        }
        let Some(file) = &mut self.statements else {
            return;
        };
        let line = json!({
            "id": number.to_string(),
            "dialect": world.dialect.to_string(),
            "sql": print::plain(world, &case.statement).sql,
            "accepted": null,
        });
        writeln!(file, "{line}").expect("a line");
    }
}
