//! `expand` of one statement: the scoped SQL on standard output, diagnostics on standard error.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
    process::ExitCode,
};

use soft_delete_sql::{Diagnostic, Request, check};

use crate::{Expand, schemas::Schemas};

pub(crate) fn run(options: &Expand) -> ExitCode {
    let sql = match read(options.file.as_deref()) {
        Ok(sql) => sql,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::FAILURE;
        }
    };
    match expand(options, &sql) {
        Ok(scoped) => print(&scoped),
        Err(errors) => {
            say("error", &errors, &sql);
            ExitCode::FAILURE
        }
    }
}

fn expand(options: &Expand, sql: &str) -> Result<String, Vec<Diagnostic>> {
    let mut schemas = Schemas::new(options)?;
    let schema = schemas.get(None)?;
    let checked = check(
        schema,
        &Request {
            sql,
            scope: options.scope,
            scopes: options.scope_of.clone(),
            ..Request::default()
        },
    );
    say("warning", &checked.warnings, sql);
    match checked.scoped {
        Some(scoped) => Ok(scoped.sql),
        None => Err(checked.errors),
    }
}

/// Draws diagnostics on standard error, as rustc would.
pub(crate) fn say(word: &str, diagnostics: &[Diagnostic], sql: &str) {
    for diagnostic in diagnostics {
        eprintln!("{word}: {}\n", diagnostic.render(sql));
    }
}

/// The text of a file, or of standard input.
fn read(file: Option<&Path>) -> Result<String, String> {
    let name = file.map_or("standard input".to_owned(), |file| {
        file.display().to_string()
    });
    let read = if let Some(file) = file {
        fs::read(file)
    } else {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    };
    let bytes = read.map_err(|error| format!("{name} cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))
}

fn print(scoped: &str) -> ExitCode {
    let end = if scoped.ends_with('\n') { "" } else { "\n" };
    // Whoever closes the pipe has read enough.
    match write!(io::stdout(), "{scoped}{end}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
