//! The command line of `soft-delete`: `expand` shows what a statement becomes under a scope,
//! `explain` prints the page of an error code.

mod batch;
mod expand;
mod explain;
mod report;
mod schemas;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use soft_delete_sql::{Dialect, Scope};

/// Shows what a query becomes under a scope, and explains why another does not compile.
#[derive(Debug, Parser)]
#[command(name = "soft-delete", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Scope SQL, or say why it cannot be scoped.
    Expand(Expand),
    /// Print the page of an error code; without a code, list them.
    Explain {
        /// The code, as in an error message: SD001.
        code: Option<String>,
    },
}

/// Options of `expand`.
#[derive(Debug, Args)]
struct Expand {
    /// The SQL, or with --jsonl the requests; standard input when left out.
    file: Option<PathBuf>,
    /// A directory of migrations, or one schema dump [default: as soft-delete.toml says].
    #[arg(long, value_name = "PATH")]
    schema: Option<PathBuf>,
    /// soft-delete.toml [default: the one beside the schema, or in the current directory].
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// postgres, sqlite or mysql [default: as soft-delete.toml says].
    #[arg(long)]
    dialect: Option<Dialect>,
    /// active, deleted or `with_deleted`; left out, the SQL must prove its own scope.
    #[arg(long, conflicts_with = "jsonl")]
    scope: Option<Scope>,
    /// The scope of one reference, by its alias or its name; may be repeated.
    #[arg(long, value_name = "ALIAS=SCOPE", value_parser = scope_of, conflicts_with = "jsonl")]
    scope_of: Vec<(String, Scope)>,
    /// Read one JSON request per line and write one JSON verdict per line.
    #[arg(long)]
    jsonl: bool,
}

fn scope_of(text: &str) -> Result<(String, Scope), String> {
    let (alias, scope) = text
        .rsplit_once('=')
        .ok_or_else(|| "expected ALIAS=SCOPE, as in `c=with_deleted`".to_owned())?;
    Ok((alias.to_owned(), scope.parse()?))
}

/// Runs the command line; the first argument is the name of the program.
#[must_use]
pub fn run(args: Vec<OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is all that can go wrong here.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match cli.command {
        Command::Expand(options) if options.jsonl => batch::run(&options),
        Command::Expand(options) => expand::run(&options),
        Command::Explain { code } => explain::run(code.as_deref()),
    }
}
