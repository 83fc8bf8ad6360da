//! `expand --jsonl`: one request per line, one verdict per line, none depending on another.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use serde::Deserialize;
use serde_json::value::RawValue;
use soft_delete_sql::{
    Checked, Code, Diagnostic, Dialect, Request, Schema, Scope, check, diagnostic::nearest,
};

use crate::{
    Expand,
    expand::say,
    report::{Line, malformed},
    schemas::Schemas,
};

pub(crate) fn run(options: &Expand) -> ExitCode {
    let mut schemas = match Schemas::new(options) {
        Ok(schemas) => schemas,
        Err(errors) => {
            say("error", &errors, "");
            return ExitCode::FAILURE;
        }
    };
    // Said once and for all, and before the first request; each request is still answered.
    let mut code = ExitCode::SUCCESS;
    if schemas.has_dialect()
        && let Err(errors) = schemas.get(None)
    {
        say("error", &errors, "");
        code = ExitCode::FAILURE;
    }
    let input: Box<dyn BufRead> = match &options.file {
        None => Box::new(io::stdin().lock()),
        Some(path) => match File::open(path) {
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) => {
                eprintln!("error: {} cannot be read: {error}", path.display());
                return ExitCode::FAILURE;
            }
        },
    };
    match answer_all(
        input,
        &mut BufWriter::new(io::stdout().lock()),
        &mut schemas,
    ) {
        Ok(()) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer_all(
    mut input: impl BufRead,
    output: &mut impl Write,
    schemas: &mut Schemas,
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        answer(&line, output, schemas)?;
        output.write_all(b"\n")?;
        // Whoever writes one request and waits must see its verdict.
        output.flush()?;
    }
}

fn answer(line: &[u8], output: &mut impl Write, schemas: &mut Schemas) -> io::Result<()> {
    let verdict = match Fields::parse(line) {
        Err(fault) => Line::refused(None, vec![fault]),
        Ok(fields) => {
            let id = fields.0.get("id").copied();
            match fields.check(schemas) {
                Ok(checked) => Line::checked(id, checked),
                Err(errors) => Line::refused(id, errors),
            }
        }
    };
    serde_json::to_writer(output, &verdict).map_err(io::Error::from)
}

/// A request, its values not yet read: a wrong one must not cost the `id`.
struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, Diagnostic> {
        let text = std::str::from_utf8(line).map_err(|_| malformed("the line is not UTF-8"))?;
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| malformed(format!("the line is not a JSON object: {error}")))
    }

    fn get<T: Deserialize<'a>>(&self, name: &str, expected: &str) -> Result<Option<T>, Diagnostic> {
        let Some(raw) = self.0.get(name) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get())
            .map_err(|_| malformed(format!("`{name}` must be {expected}, not `{raw}`")))
    }

    fn check(&self, schemas: &mut Schemas) -> Result<Checked, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let sql: Option<String> = self.get("sql", "a string").unwrap_or_else(|fault| {
            faults.push(fault);
            Some(String::new())
        });
        if sql.is_none() {
            faults.push(malformed("`sql` is missing"));
        }
        let scope = self
            .get::<String>("scope", "`active`, `deleted`, `with_deleted` or null")
            .and_then(|word| word.as_deref().map(scope).transpose())
            .unwrap_or_else(|fault| {
                faults.push(fault);
                None
            });
        let mut scopes = Vec::new();
        match self.get::<BTreeMap<String, String>>("scopes", "an object of alias to scope") {
            Err(fault) => faults.push(fault),
            Ok(words) => {
                for (alias, word) in words.unwrap_or_default() {
                    match self::scope(&word) {
                        Ok(scope) => scopes.push((alias, scope)),
                        Err(fault) => faults.push(fault),
                    }
                }
            }
        }
        let dialect = self
            .get::<String>("dialect", "`postgres`, `sqlite` or `mysql`")
            .and_then(|name| {
                name.map(|name| name.parse::<Dialect>().map_err(malformed))
                    .transpose()
            })
            .unwrap_or_else(|fault| {
                faults.push(fault);
                None
            });
        if !faults.is_empty() {
            return Err(faults);
        }
        let schema = schemas.get(dialect)?;
        let request = Request {
            sql: sql.as_deref().unwrap_or_default(),
            scope,
            scopes,
            ..Request::default()
        };
        checked(schema, &request)
    }
}

/// A fault of the analyser must not take the other lines with it.
fn checked(schema: &Schema, request: &Request<'_>) -> Result<Checked, Vec<Diagnostic>> {
    catch_unwind(AssertUnwindSafe(|| check(schema, request))).map_err(|_| {
        vec![Diagnostic::new(
            Code::NotReproven,
            "the analyser failed on this statement; please report it",
        )]
    })
}

fn scope(word: &str) -> Result<Scope, Diagnostic> {
    word.parse::<Scope>().map_err(|message| {
        let fault = malformed(message);
        match nearest(word, Scope::ALL.map(Scope::word)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault,
        }
    })
}
