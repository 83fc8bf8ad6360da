//! A script: the text of one file, its tokens, and where its statements begin and end.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{Location, cursor::Cursor};
use crate::{
    Diagnostic, Dialect,
    syntax::{Token, TokenKind, lexer::lex_schema},
};

/// The text of one file and its statements.
#[derive(Debug)]
pub(super) struct Script<'a> {
    pub(super) dialect: Dialect,
    pub(super) sql: &'a str,
    /// Empty for text that came from no file.
    pub(super) file: PathBuf,
    tokens: Vec<Token>,
    /// The first byte of each line.
    lines: Vec<usize>,
    /// The line of its first byte, when it is a string of another script.
    first_line: usize,
}

impl<'a> Script<'a> {
    pub(super) fn new(dialect: Dialect, sql: &'a str, file: &Path) -> Result<Self, Diagnostic> {
        let starts = sql.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n');
        Ok(Self {
            dialect,
            sql,
            file: file.to_owned(),
            tokens: lex_schema(dialect, sql)?,
            lines: std::iter::once(0).chain(starts.map(|(_, at)| at)).collect(),
            first_line: 1,
        })
    }

    /// The text of a string that stands in another script.
    pub(super) fn within(outer: &Script<'_>, sql: &'a str, at: usize) -> Result<Self, Diagnostic> {
        let mut script = Self::new(outer.dialect, sql, &outer.file)?;
        script.first_line = outer.line(at);
        Ok(script)
    }

    /// The line a byte stands in, from 1.
    pub(super) fn line(&self, byte: usize) -> usize {
        self.first_line + self.lines.partition_point(|&start| start <= byte) - 1
    }

    pub(super) fn location(&self, byte: usize) -> Location {
        Location {
            file: self.file.clone(),
            line: self.line(byte),
        }
    }

    /// Its statements, without the semicolons; empty ones are left out.
    pub(super) fn statements(&self) -> Vec<Cursor<'_>> {
        split(self.dialect, self.sql, &self.tokens)
            .into_iter()
            .map(|range| Cursor::new(self.dialect, self.sql, &self.tokens[range]))
            .collect()
    }
}

/// The token ranges of the statements in `tokens`.
pub(super) fn split(dialect: Dialect, sql: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut body = Body::default();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Semicolon {
            // What `DELIMITER` set ends a statement whatever stands before it.
            let hard = token.text(sql) != ";";
            if hard || body.is_closed(&Cursor::new(dialect, sql, &tokens[start..at])) {
                if start < at {
                    found.push(start..at);
                }
                start = at + 1;
                body = Body::default();
            }
            continue;
        }
        if at == start {
            body.compound = is_routine(&Cursor::new(dialect, sql, &tokens[start..]));
        }
        body.see(dialect, sql, tokens, at);
    }
    if start < tokens.len() {
        found.push(start..tokens.len());
    }
    found
}

/// True for a statement whose body may hold semicolons between BEGIN and END.
fn is_routine(cursor: &Cursor<'_>) -> bool {
    const ROUTINES: [&str; 5] = ["trigger", "function", "procedure", "event", "package"];
    const OTHERS: [&str; 9] = [
        "table", "view", "index", "type", "domain", "schema", "sequence", "rule", "policy",
    ];
    if !cursor.is_any(&["create", "alter"]) {
        return false;
    }
    // `OR REPLACE`, `DEFINER = …` and their kin stand before the noun.
    let is = |token: &Token, words: &[&str]| words.iter().any(|word| token.is(cursor.sql, word));
    let mut words = cursor.tokens.iter().take(16);
    let noun = words.find(|token| is(token, &ROUTINES) || is(token, &OTHERS));
    noun.is_some_and(|token| is(token, &ROUTINES))
}

/// How deep in groups and blocks the reader is.
#[derive(Default)]
struct Body {
    /// The statement may hold BEGIN … END.
    compound: bool,
    groups: usize,
    blocks: usize,
    /// MySQL: a body of one IF, LOOP, WHILE, REPEAT without BEGIN.
    control: bool,
}

impl Body {
    fn see(&mut self, dialect: Dialect, sql: &str, tokens: &[Token], at: usize) {
        match tokens[at].kind {
            TokenKind::LParen => self.groups += 1,
            TokenKind::RParen => self.groups = self.groups.saturating_sub(1),
            TokenKind::Word if self.compound => self.word(dialect, sql, tokens, at),
            _ => {}
        }
    }

    fn word(&mut self, dialect: Dialect, sql: &str, tokens: &[Token], at: usize) {
        let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(sql, word));
        let after = |word: &str| at > 0 && is(at - 1, word);
        if at > 0 && tokens[at - 1].kind == TokenKind::Dot {
            return;
        }
        if is(at, "begin") {
            // A BEGIN of PostgreSQL that is not ATOMIC stands in no body of tokens.
            let opens = dialect != Dialect::Postgres || is(at + 1, "atomic");
            self.blocks += usize::from(opens);
        } else if is(at, "case") && !after("end") {
            self.blocks += usize::from(self.blocks > 0 || dialect == Dialect::Mysql);
        } else if is(at, "end") {
            let control = ["if", "loop", "while", "repeat", "for"];
            if !control.iter().any(|word| is(at + 1, word)) {
                self.blocks = self.blocks.saturating_sub(1);
            }
        } else if dialect == Dialect::Mysql && self.blocks == 0 && self.groups == 0 {
            let opens = ["then", "while", "loop", "repeat"];
            self.control |= opens.iter().any(|word| is(at, word)) && !after("end");
        }
    }

    fn is_closed(&self, statement: &Cursor<'_>) -> bool {
        if self.groups > 0 || self.blocks > 0 {
            return false;
        }
        if !self.control {
            return true;
        }
        // `END IF`, `END LOOP label`
        let last = statement.tokens.len();
        (2..=3).any(|back| last >= back && statement.tokens[last - back].is(statement.sql, "end"))
    }
}
