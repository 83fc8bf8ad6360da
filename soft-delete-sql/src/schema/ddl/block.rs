//! Statements inside DO blocks, and SQL in strings.

use crate::{
    Dialect,
    schema::{
        catalog::Catalog,
        cursor::{Cursor, Fault},
        script::{Script, split},
    },
    syntax::{
        Token, TokenKind,
        lexer::{lex, lex_schema},
    },
};

/// True when a text, or a string in it, holds a statement that changes tables, views or unique
/// keys. Temporary tables do not count.
pub(super) fn changes_tables(dialect: Dialect, text: &str) -> bool {
    match lex(dialect, text) {
        Ok(tokens) => {
            let words = tokens.iter().flat_map(|token| words(token.text(text)));
            any_change(words)
        }
        Err(_) => any_change(words(text)),
    }
}

/// As [`changes_tables`], for tokens.
pub(super) fn cursor_changes_tables(cursor: &Cursor<'_>) -> bool {
    let rest = &cursor.tokens[cursor.at.min(cursor.tokens.len())..];
    any_change(rest.iter().flat_map(|token| words(token.text(cursor.sql))))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

fn any_change<'t>(words: impl Iterator<Item = &'t str>) -> bool {
    const VERBS: [&str; 4] = ["create", "alter", "drop", "rename"];
    const MODIFIERS: [&str; 6] = [
        "or",
        "replace",
        "unlogged",
        "materialized",
        "foreign",
        "virtual",
    ];
    let is = |word: &str, known: &[&str]| {
        let mut known = known.iter();
        known.any(|other| word.eq_ignore_ascii_case(other))
    };
    let words: Vec<&str> = words.collect();
    let mut verb = None;
    for (at, word) in words.iter().enumerate() {
        if is(word, &VERBS) {
            verb = Some(word);
        } else if let Some(known) = verb {
            let creates = is(known, &["create"]);
            if creates && is(word, &["table"]) && makes_partition(&words[at..]) {
                verb = None;
            } else if is(word, &["table", "view"]) || creates && is(word, &["unique"]) {
                return true;
            } else if !is(word, &MODIFIERS) {
                verb = None;
            }
        }
    }
    false
}

/// `TABLE … PARTITION OF …`: a partition more changes no table, and is unknown by its own name.
fn makes_partition(words: &[&str]) -> bool {
    words
        .iter()
        .take(12)
        .zip(words.iter().skip(1))
        .any(|(a, b)| a.eq_ignore_ascii_case("partition") && b.eq_ignore_ascii_case("of"))
}

/// Reads what stands behind `DO`.
pub(super) fn do_block(
    catalog: &mut Catalog,
    script: &Script<'_>,
    cursor: &Cursor<'_>,
) -> Result<(), Fault> {
    let strings = cursor
        .tokens
        .iter()
        .filter(|token| token.kind == TokenKind::String);
    for token in strings {
        let value = token.value(script.dialect, script.sql);
        if !changes_tables(script.dialect, &value) {
            continue;
        }
        // Where the string stands as it is, its statements keep their places.
        let quoted = token.text(script.sql);
        let inside = quoted.find(value.as_ref()).map(|at| token.start + at);
        match inside {
            Some(start) if !value.is_empty() => {
                let tokens = tokens_at(script, start, &value)?;
                let body = Cursor::new(script.dialect, script.sql, &tokens);
                Block::new(catalog, script, &body).run(&body)?;
            }
            _ => {
                return Err(Fault {
                    reason: "its text has escapes in it".to_owned(),
                    at: token.start,
                });
            }
        }
    }
    Ok(())
}

/// The tokens of a part of the script's text.
fn tokens_at(script: &Script<'_>, start: usize, text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = lex_schema(script.dialect, text).map_err(|fault| Fault {
        reason: fault.message,
        at: start,
    })?;
    for token in &mut tokens {
        token.start += start;
        token.end += start;
    }
    Ok(tokens)
}

/// Runs the statements of a string: `EXECUTE '…'`, the rows of SQLite's schema table.
pub(super) fn run_string(
    catalog: &mut Catalog,
    script: &Script<'_>,
    token: Token,
) -> Result<(), Fault> {
    let value = token.value(script.dialect, script.sql);
    run_text(catalog, script, &value, token.start)
}

/// Runs the statements of a text that stands at, or is made by, what stands at a byte.
pub(super) fn run_text(
    catalog: &mut Catalog,
    script: &Script<'_>,
    text: &str,
    at: usize,
) -> Result<(), Fault> {
    let inner = Script::within(script, text, at).map_err(|fault| Fault {
        reason: fault.message,
        at,
    })?;
    for cursor in inner.statements() {
        super::statement(catalog, &inner, &cursor).map_err(|fault| Fault { at, ..fault })?;
    }
    Ok(())
}

/// The body of a DO block, read statement by statement.
struct Block<'c, 's> {
    catalog: &'c mut Catalog,
    script: &'s Script<'s>,
    /// IF, LOOP and CASE that are open.
    open: usize,
    /// Behind a RETURN, or under an EXCEPTION clause: nothing is certain.
    uncertain: bool,
}

impl<'c, 's> Block<'c, 's> {
    fn new(catalog: &'c mut Catalog, script: &'s Script<'s>, body: &Cursor<'_>) -> Self {
        Self {
            catalog,
            script,
            open: 0,
            uncertain: handles_exceptions(body),
        }
    }

    fn run(&mut self, body: &Cursor<'_>) -> Result<(), Fault> {
        for range in split(body.dialect, body.sql, body.tokens) {
            let mut piece = body.over(&body.tokens[range]);
            while self.control(&mut piece) {}
            if !piece.is_end() {
                self.statement(&piece)?;
            }
        }
        Ok(())
    }

    /// Takes one control word, with what belongs to it, off the front.
    fn control(&mut self, piece: &mut Cursor<'_>) -> bool {
        if piece.take(&["declare"]) {
            // Declarations run up to BEGIN, which begins a later piece or stands in this one.
            while !piece.is_end() && !piece.is("begin") {
                piece.skip();
            }
            true
        } else if piece.take_any(&["begin", "else", "exception"]) {
            true
        } else if piece.take(&["if"]) || piece.take(&["case"]) {
            self.open += 1;
            behind(piece, "then");
            true
        } else if piece.take_any(&["elsif", "elseif", "when"]) {
            behind(piece, "then");
            true
        } else if piece.take_any(&["for", "foreach", "while"]) {
            self.open += 1;
            behind(piece, "loop");
            true
        } else if piece.take(&["loop"]) {
            self.open += 1;
            true
        } else if piece.take(&["end"]) {
            if piece.is_any(&["if", "loop", "case"]) {
                self.open = self.open.saturating_sub(1);
            }
            piece.at = piece.tokens.len();
            false
        } else if piece.is_any(&["return", "exit", "continue"]) {
            self.uncertain = true;
            piece.at = piece.tokens.len();
            false
        } else {
            false
        }
    }

    fn statement(&mut self, piece: &Cursor<'_>) -> Result<(), Fault> {
        // What is executed was put together elsewhere in this block.
        let dynamic = piece.is("execute") && !is_plain_execute(piece);
        if !dynamic && !cursor_changes_tables(piece) {
            // A routine that changes tables may still be called.
            return super::call::refuse(self.catalog, piece);
        }
        let ddl = piece.is_any(&["create", "alter", "drop"]);
        if dynamic || !ddl && !is_plain_execute(piece) {
            return Err(Fault {
                reason: "it runs SQL that is put together at run time".to_owned(),
                at: piece.byte(),
            });
        }
        if self.open == 0 && !self.uncertain {
            return run(self.catalog, self.script, piece);
        }
        let mut probe = self.catalog.clone();
        run(&mut probe, self.script, piece)?;
        if essence(&probe) != essence(self.catalog) {
            return Err(Fault {
                reason: "it runs under a condition".to_owned(),
                at: piece.byte(),
            });
        }
        *self.catalog = probe;
        Ok(())
    }
}

fn run(catalog: &mut Catalog, script: &Script<'_>, piece: &Cursor<'_>) -> Result<(), Fault> {
    match piece.ahead(1) {
        Some(text) if is_plain_execute(piece) => run_string(catalog, script, text),
        _ => super::statement(catalog, script, piece),
    }
}

/// `EXECUTE '…'` and nothing more.
fn is_plain_execute(piece: &Cursor<'_>) -> bool {
    piece.is("execute")
        && piece.tokens.len() == piece.at + 2
        && piece
            .ahead(1)
            .is_some_and(|token| token.kind == TokenKind::String)
}

/// Skips up to a keyword and over it.
fn behind(piece: &mut Cursor<'_>, keyword: &str) {
    while !piece.is_end() && !piece.take(&[keyword]) {
        piece.skip();
    }
}

/// `EXCEPTION WHEN …`: what a block did may be undone.
fn handles_exceptions(body: &Cursor<'_>) -> bool {
    body.tokens
        .windows(2)
        .any(|pair| pair[0].is(body.sql, "exception") && pair[1].is(body.sql, "when"))
}

/// The catalog without what may be there in vain: a foreign key or a plain index too many only
/// asks for more.
fn essence(catalog: &Catalog) -> String {
    let mut catalog = catalog.clone();
    for draft in &mut catalog.tables {
        draft.table.foreign_keys.clear();
        draft.table.indexes.clear();
    }
    format!("{catalog:?}")
}
