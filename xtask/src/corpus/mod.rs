//! `cargo xtask corpus`: what the analyser makes of SQL that other people wrote.

mod judge;
mod oracle;
mod read;
mod report;
mod sqllogictest;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use soft_delete_sql::{
    Dialect, Schema,
    schema::{self, Config},
};

use judge::Verdict;
use oracle::Oracle;
use read::{Corpus, Script, Statement};
use report::{Judged, Summary};

/// Which corpora, and what to print of them.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A folder with `queries.jsonl` (and `schema.sql`) or sqllogictest files in it or below.
    path: PathBuf,
    /// Write every verdict that is not plain to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the statements refused with this code; `missed` and `extra` print references.
    #[arg(long, value_name = "CODE")]
    show: Option<String>,
}

/// Judges every corpus; true when each reaches its threshold.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut summaries = Vec::new();
    println!("{}", Summary::HEADER);
    for corpus in Corpus::find(&options.path)? {
        let summary = judge_corpus(&corpus).with_context(|| corpus.name.clone())?;
        print!("{summary}");
        if let Some(code) = &options.show {
            print!("{}", summary.statements_with(code));
        }
        summaries.push(summary);
    }
    if let Some(file) = &options.json {
        fs::write(file, report::json(&summaries))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let failed: Vec<String> = summaries.iter().filter_map(Summary::fault).collect();
    for fault in &failed {
        println!("FAILED {fault}");
    }
    Ok(failed.is_empty())
}

fn judge_corpus(corpus: &Corpus) -> Result<Summary> {
    let mut summary = Summary::new(&corpus.name);
    // Panics are counted; their backtraces would drown the table.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = corpus
        .scripts
        .iter()
        .try_for_each(|script| judge_script(corpus, script, &mut summary));
    std::panic::set_hook(hook);
    result.map(|()| summary)
}

fn judge_script(corpus: &Corpus, script: &Script, summary: &mut Summary) -> Result<()> {
    let Some(first) = script.statements.first() else {
        return Ok(());
    };
    let dialect = first.dialect;
    let schema = read_schema(corpus, dialect)?;
    let oracle = (dialect == Dialect::Sqlite)
        .then(|| Oracle::new(corpus.schema.as_deref()))
        .transpose()?;
    for statement in &script.statements {
        summary.statements += 1;
        if let Some(relations) = relations(statement, oracle.as_ref()) {
            summary.accepted += 1;
            if summary.judges(statement) {
                summary.add(Judged {
                    id: statement.id.clone(),
                    sql: statement.sql.clone(),
                    verdict: judge::judge(&schema, &statement.sql, &relations),
                });
            }
        }
        if let Some(oracle) = oracle.as_ref().filter(|_| script.runs) {
            oracle.run(&statement.sql);
        }
    }
    Ok(())
}

/// The relations of a statement that its database accepts.
fn relations(statement: &Statement, oracle: Option<&Oracle>) -> Option<Vec<String>> {
    if statement.accepted == Some(false) {
        return None;
    }
    if let (Some(true), Some(relations)) = (statement.accepted, &statement.relations) {
        return Some(relations.clone());
    }
    match oracle {
        Some(oracle) => match oracle.relations(&statement.sql) {
            // The schema beside the corpus can lack a table; its word on acceptance still holds.
            None if statement.accepted == Some(true) => Some(Vec::new()),
            relations => relations,
        },
        None => statement.accepted?.then(Vec::new),
    }
}

fn read_schema(corpus: &Corpus, dialect: Dialect) -> Result<Schema> {
    let config = Config::default();
    let Some(file) = &corpus.schema else {
        return Ok(Schema::empty(dialect));
    };
    schema::from_path(dialect, file, &config).map_err(|faults| {
        let texts: Vec<String> = faults.iter().map(|fault| fault.render("")).collect();
        anyhow::anyhow!("{}", texts.join("\n"))
    })
}
