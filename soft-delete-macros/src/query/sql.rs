//! The SQL of a call: its text, and where in the Rust source a byte of it stands.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use proc_macro2::Span;
use soft_delete_sql::{Code, Diagnostic, diagnostic::nearest};
use syn::LitStr;

use crate::fault::{Fault, Faults};

/// The statement of a call.
pub(crate) struct Sql {
    /// The text: literals joined, or the file's content.
    pub(crate) text: String,
    /// Where it comes from.
    source: Source,
}

enum Source {
    /// Literals, each with the byte of the text at which it starts.
    Literals(Vec<(usize, LitStr)>),
    /// A file: the path as written, and the path read.
    File { named: LitStr, path: PathBuf },
}

impl Sql {
    /// `"literal" [+ "literal"]*`; at least one.
    pub(crate) fn literals(literals: Vec<LitStr>) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(literals.len());
        for literal in literals {
            starts.push((text.len(), literal.clone()));
            text.push_str(&literal.value());
        }
        Self {
            text,
            source: Source::Literals(starts),
        }
    }

    /// `file = "queries/x.sql"`, relative to the manifest directory.
    pub(crate) fn file(named: LitStr, manifest_dir: &Path, faults: &mut Faults) -> Option<Self> {
        let path = manifest_dir.join(named.value());
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(Self {
                // A byte order mark is no SQL.
                text: text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned(),
                source: Source::File { named, path },
            }),
            Err(error) => {
                let help = similar(&path).map_or_else(
                    || "the path is relative to the directory of Cargo.toml".to_owned(),
                    |near| format!("there is a file `{near}` beside it"),
                );
                let message = format!("the SQL file `{}` cannot be read: {error}", named.value());
                faults.add(
                    named.span(),
                    &Diagnostic::new(Code::SqlFile, message).help(help),
                );
                None
            }
        }
    }

    /// Another text of the same source.
    pub(crate) fn with_text(&self, text: String) -> Self {
        let source = match &self.source {
            // Bytes of another text fall in no known literal: all of it stands for them.
            Source::Literals(pieces) => {
                Source::Literals(pieces.first().cloned().into_iter().collect())
            }
            Source::File { named, path } => Source::File {
                named: named.clone(),
                path: path.clone(),
            },
        };
        Self { text, source }
    }

    /// The span of the whole.
    pub(crate) fn span(&self) -> Span {
        match &self.source {
            Source::Literals(pieces) => pieces
                .first()
                .map_or_else(Span::call_site, |(_, literal)| literal.span()),
            Source::File { named, .. } => named.span(),
        }
    }

    /// The file to track.
    pub(crate) fn tracked(&self) -> Option<&Path> {
        match &self.source {
            Source::Literals(_) => None,
            Source::File { path, .. } => Some(path),
        }
    }

    /// A diagnostic about this text, at the literal its bytes fall in.
    pub(crate) fn fault(&self, diagnostic: &Diagnostic) -> Fault {
        match &self.source {
            Source::Literals(_) => {
                let span = diagnostic
                    .span
                    .as_ref()
                    .map_or_else(|| self.span(), |bytes| self.span_of(bytes));
                Fault::drawn(span, diagnostic, &self.text)
            }
            Source::File { named, .. } => {
                let mut diagnostic = diagnostic.clone();
                if let Some(bytes) = &diagnostic.span {
                    let before = self.text.get(..bytes.start).unwrap_or(&self.text);
                    let line = before.matches('\n').count() + 1;
                    diagnostic.message =
                        format!("{}:{line}: {}", named.value(), diagnostic.message);
                }
                Fault::drawn(named.span(), &diagnostic, &self.text)
            }
        }
    }

    /// The literal that holds the first of `bytes`; the part of it where the compiler can say so.
    fn span_of(&self, bytes: &Range<usize>) -> Span {
        let Source::Literals(pieces) = &self.source else {
            return self.span();
        };
        let Some((start, literal)) = pieces.iter().rev().find(|(start, _)| *start <= bytes.start)
        else {
            return self.span();
        };
        subspan(
            literal,
            bytes.start - start..bytes.end.saturating_sub(*start),
        )
        .unwrap_or_else(|| literal.span())
    }
}

/// The file of the same directory whose name is nearest.
fn similar(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let files: Vec<String> = std::fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    nearest(name, files.iter().map(String::as_str)).map(str::to_owned)
}

/// A part of a literal, for compilers that can point into one, where its value stands in the
/// source as it is (no escapes before the end of the part).
fn subspan(literal: &LitStr, bytes: Range<usize>) -> Option<Span> {
    let token = literal.token();
    let source = token.to_string();
    let open = source.find('"')? + 1;
    let value = literal.value();
    let part = value.get(..bytes.end)?;
    if source.get(open..open + bytes.end)? != part {
        return None;
    }
    token.subspan(open + bytes.start..open + bytes.end)
}
