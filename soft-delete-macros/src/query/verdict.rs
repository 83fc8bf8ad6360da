//! Requests and their verdicts: one, or one for each scope of a run-time visibility.

use soft_delete_sql::{
    Checked, Code, Diagnostic, Request, Schema, Scope, ScopedSql, check, syntax::overrides,
};

use super::{
    binds,
    call::{Call, Head, Output, Word},
    compact::compact,
    sql::Sql,
};
use crate::fault::Faults;

/// What may run.
pub(super) struct Verdict {
    /// The statement of each scope of `in`; else one, without a scope.
    pub(super) variants: Vec<(Option<Scope>, Variant)>,
    /// What compiles and is worth a look.
    pub(super) warnings: Vec<Diagnostic>,
}

/// A statement that may run.
pub(super) enum Variant {
    /// It was checked.
    Checked {
        /// What runs.
        scoped: Box<ScopedSql>,
        /// What sqlx's macros check, where it differs: with the column overrides.
        overridden: Option<String>,
    },
    /// `unchecked`: it runs as written.
    AsWritten(String),
}

impl Variant {
    /// What sqlx's macros check; nothing of what is unchecked.
    pub(super) fn with_overrides(&self) -> Option<&str> {
        match self {
            Self::Checked { scoped, overridden } => {
                Some(overridden.as_deref().unwrap_or(&scoped.sql))
            }
            Self::AsWritten(_) => None,
        }
    }

    /// The proof, when there is one.
    pub(super) fn scoped(&self) -> Option<&ScopedSql> {
        match self {
            Self::Checked { scoped, .. } => Some(scoped),
            Self::AsWritten(_) => None,
        }
    }
}

/// Asks for every statement that the call can run. `None` when one of them may not.
pub(super) fn judge(schema: &Schema, call: &Call, faults: &mut Faults) -> Option<Verdict> {
    let sql = call.sql.as_ref()?;
    if call.head.unchecked() {
        return Some(Verdict {
            variants: vec![(None, Variant::AsWritten(sql.text.clone()))],
            warnings: Vec::new(),
        });
    }
    binds::count(schema.dialect, call, sql, faults);
    // Nothing is known about the scope, so that every complaint about it would be noise.
    if !call.head_known && matches!(call.head, Head::Absent) {
        return None;
    }
    let asked: &[Option<Scope>] = if call.head.visibility().is_some() {
        &[
            Some(Scope::Active),
            Some(Scope::Deleted),
            Some(Scope::WithDeleted),
        ]
    } else {
        &[None]
    };
    // sqlx's column overrides are for its macros: what runs has none, and the names of its
    // columns are those that rows are decoded by.
    let plain = overrides::strip_overrides(schema.dialect, &sql.text);
    let has_overrides = plain != sql.text;
    let model = matches!(call.head, Head::Row(_));
    let mut verdicts = ask(schema, call, &sql.text, model && !has_overrides, asked);
    report(call, sql, &verdicts, faults);
    let mut overridden: Vec<Option<String>> = vec![None; verdicts.len()];
    if has_overrides && verdicts.iter().all(|(_, checked)| checked.scoped.is_some()) {
        let text = |(_, checked): &Checks| Some(checked.scoped.as_ref()?.sql.clone());
        overridden = verdicts.iter().map(text).collect();
        verdicts = ask(schema, call, &plain, model, asked);
        report(call, &sql.with_text(plain), &verdicts, faults);
    }
    let mut warnings: Vec<Diagnostic> = Vec::new();
    let mut variants = Vec::new();
    for ((scope, checked), overridden) in verdicts.into_iter().zip(overridden) {
        for warning in checked.warnings {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        let scoped = Box::new(checked.scoped?);
        variants.push((scope, Variant::Checked { scoped, overridden }));
    }
    rows_are_there(call, sql, &variants, faults);
    Some(Verdict { variants, warnings })
}

/// The verdict for one scope of `in`; without `in`, the only one.
type Checks = (Option<Scope>, Checked);

fn ask(
    schema: &Schema,
    call: &Call,
    text: &str,
    model: bool,
    scopes: &[Option<Scope>],
) -> Vec<Checks> {
    scopes
        .iter()
        .map(|scope| (*scope, check(schema, &request(call, text, model, *scope))))
        .collect()
}

fn request<'a>(call: &Call, text: &'a str, model: bool, visibility: Option<Scope>) -> Request<'a> {
    let scope = match &call.head {
        _ if visibility.is_some() => visibility,
        Head::Row(row) => Some(row.scope),
        Head::Word(Word::Scope(scope), ..) => Some(*scope),
        Head::Absent | Head::Word(..) | Head::Output(..) => None,
    };
    Request {
        sql: text,
        scope,
        scopes: call
            .scopes
            .iter()
            .map(|said| (said.name.clone(), said.scope))
            .collect(),
        verb: call.head.verb(),
        model,
    }
}

/// A fault of every variant is said once; one of some names their scopes.
fn report(call: &Call, sql: &Sql, verdicts: &[Checks], faults: &mut Faults) {
    for (at, (scope, checked)) in verdicts.iter().enumerate() {
        for error in &checked.errors {
            // A verb that asks for rows is told at the word.
            if error.code == Code::VerbMisused && call.head.returns() {
                continue;
            }
            let everywhere = verdicts
                .iter()
                .all(|(_, other)| other.errors.contains(error));
            if everywhere && at > 0 {
                continue;
            }
            let mut error = for_head(call, error);
            if let (Some(scope), false) = (scope, everywhere) {
                error.message = format!("under `{scope}`: {}", error.message);
            }
            // A name in front of the SQL is shown where it stands.
            let alias = call.scopes.iter().find(|said| {
                error.code == Code::UnknownAlias
                    && error.message.contains(&format!("`{}`", said.name))
            });
            match alias {
                Some(alias) => faults.add(alias.span, &error),
                None => faults.push(sql.fault(&error)),
            }
        }
        // Fail closed: a verdict without a statement has a fault.
        if checked.errors.is_empty() && checked.scoped.is_none() {
            faults.push(sql.fault(&Diagnostic::new(
                Code::NotReproven,
                "the statement was refused without a reason",
            )));
        }
    }
}

/// The analyser does not know what the head says besides the scope.
fn for_head(call: &Call, error: &Diagnostic) -> Diagnostic {
    let mut error = error.clone();
    if error.code == Code::Unscoped
        && let Head::Output(output, None) = &call.head
    {
        let output = match output {
            Output::Rows(ty) => compact(ty),
            Output::Scalar => "scalar".to_owned(),
        };
        let said = format!(
            "say it before `as`: `active as {output}`, `deleted as {output}` or `with_deleted as {output}`"
        );
        // The row type that the help begins with is none of this head; its last line still holds.
        let alone = error
            .help
            .lines()
            .find(|line| line.starts_with("or for this reference"));
        error.help = alone.map_or(said.clone(), |alone| format!("{said}\n{alone}"));
    }
    error
}

/// A row type on a statement that returns no rows would never see one.
fn rows_are_there(
    call: &Call,
    sql: &Sql,
    variants: &[(Option<Scope>, Variant)],
    faults: &mut Faults,
) {
    let none = variants
        .iter()
        .filter_map(|(_, variant)| variant.scoped())
        .any(|scoped| !scoped.returns_rows);
    if none && call.head.returns() && call.head.verb().is_none() {
        let word = match &call.head {
            Head::Row(row) => row.scope.word(),
            Head::Word(word, ..) => word.spelling(),
            Head::Absent | Head::Output(..) => "",
        };
        let drop = if word.is_empty() {
            "say no row type".to_owned()
        } else {
            format!("say `{word}` alone")
        };
        faults.push(
            sql.fault(
                &Diagnostic::new(
                    Code::Grammar,
                    "the call asks for rows, and this statement returns none",
                )
                .help(format!(
                    "{drop}, or let the statement return rows: RETURNING"
                )),
            ),
        );
    }
}
