//! Judges one statement: understood or not, every reference found at its bytes or not.

use std::{collections::BTreeSet, panic};

use soft_delete_sql::{
    Code, Diagnostic, Dialect, Request, Schema, check,
    syntax::{Token, TokenKind, lexer},
};

/// Our verdict on one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Every construct is understood and every table reference found.
    pub(super) understood: bool,
    /// Relations that the oracle reports and we do not find.
    pub(super) missed: Vec<String>,
    /// References of ours that the oracle does not report.
    pub(super) extra: Vec<String>,
    /// Why it is not understood: code and message.
    pub(super) fault: Option<(String, String)>,
}

/// Judges a statement that the database accepts. `relations` is what the oracle reports, where
/// there is one.
pub(super) fn judge(schema: &Schema, sql: &str, relations: Option<&[String]>) -> Verdict {
    let judged = panic::catch_unwind(|| judge_bare(schema, sql, relations));
    judged.unwrap_or_else(|_| Verdict {
        fault: Some(("PANIC".to_owned(), "the analyser panicked".to_owned())),
        ..Verdict::default()
    })
}

fn judge_bare(schema: &Schema, sql: &str, relations: Option<&[String]>) -> Verdict {
    let request = Request {
        sql,
        ..Request::default()
    };
    let plain = check(schema, &request);
    if let Some(fault) = plain.errors.iter().find(|error| is_not_understood(error)) {
        return Verdict {
            fault: Some((fault.code.as_str().to_owned(), fault.message.clone())),
            ..Verdict::default()
        };
    }
    let tokens = lexer::lex(schema.dialect, sql).unwrap_or_default();
    let found: Vec<String> = plain
        .references
        .iter()
        .map(|reference| spelled(schema.dialect, sql, reference.span.clone()))
        .collect();
    let local = local_names(schema.dialect, sql, &tokens);
    let missed = relations
        .unwrap_or_default()
        .iter()
        .filter(|name| !found.contains(name) && !local.explain(name))
        .cloned()
        .collect::<Vec<_>>();
    let extra = found
        .iter()
        .filter(|name| relations.is_some_and(|relations| !relations.contains(name)))
        .cloned()
        .collect();
    Verdict {
        understood: missed.is_empty(),
        missed,
        extra,
        fault: None,
    }
}

/// The faults that say "this I cannot read", as opposed to "this must not run".
pub(crate) const fn is_not_understood(fault: &Diagnostic) -> bool {
    matches!(
        fault.code,
        Code::Syntax
            | Code::SeveralStatements
            | Code::TooDeep
            | Code::UnexplainedToken
            | Code::NotReproven
    )
}

/// The dotted name that bytes of the statement spell, as the database compares it.
pub(crate) fn spelled(dialect: Dialect, sql: &str, span: std::ops::Range<usize>) -> String {
    let Some(text) = sql.get(span) else {
        return "(no text)".to_owned();
    };
    match lexer::lex(dialect, text) {
        Ok(tokens) => dotted(dialect, text, &tokens),
        Err(_) => text.to_owned(),
    }
}

fn dotted(dialect: Dialect, sql: &str, tokens: &[Token]) -> String {
    tokens
        .iter()
        .map(|token| match token.kind {
            TokenKind::Dot => ".".to_owned(),
            _ => token.name(dialect, sql),
        })
        .collect()
}

/// Names that libpg_query lists beside the tables.
#[derive(Debug, Default, PartialEq, Eq)]
struct LocalNames {
    /// Of common table expressions, and of the table that SELECT INTO makes.
    expressions: BTreeSet<String>,
    /// Behind `FOR UPDATE OF`.
    locked: BTreeSet<String>,
    /// Behind AS, or behind a name or a parenthesis: what a locked name may stand for.
    aliases: BTreeSet<String>,
}

impl LocalNames {
    fn explain(&self, name: &str) -> bool {
        self.expressions.contains(name)
            || (self.locked.contains(name) && self.aliases.contains(name))
    }
}

/// Reads them off the tokens, so that a fault in the parser cannot hide here.
fn local_names(dialect: Dialect, sql: &str, tokens: &[Token]) -> LocalNames {
    let mut names = LocalNames::default();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(sql, word));
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    for at in 0..tokens.len() {
        let is_name = matches!(kind(at), Some(TokenKind::Word | TokenKind::Quoted));
        let behind = at.checked_sub(1).and_then(kind);
        let is_behind = matches!(
            behind,
            Some(TokenKind::Word | TokenKind::Quoted | TokenKind::RParen)
        );
        let is_read = [
            "FROM", "JOIN", "UPDATE", "INTO", "ONLY", "TABLE", "USING", "OF",
        ]
        .iter()
        .any(|word| at > 0 && is(at - 1, word));
        if is_name && is_behind && !is_read {
            names.aliases.insert(tokens[at].name(dialect, sql));
        }
        if is(at, "WITH") || is(at, "RECURSIVE") || kind(at) == Some(TokenKind::Comma) {
            if let Some(name) = expression_name(sql, tokens, at + 1) {
                names.expressions.insert(name.name(dialect, sql));
            }
        } else if is(at, "INTO") {
            let noise = ["TEMP", "TEMPORARY", "UNLOGGED", "TABLE", "LOCAL", "GLOBAL"];
            let from = (at + 1..tokens.len()).find(|&at| !noise.iter().any(|word| is(at, word)));
            let inserts = at > 0 && (is(at - 1, "INSERT") || is(at - 1, "MERGE"));
            if let Some(from) = from.filter(|_| !inserts) {
                names
                    .expressions
                    .insert(name_at(dialect, sql, tokens, from).0);
            }
        } else if is(at, "OF") && at > 0 && (is(at - 1, "UPDATE") || is(at - 1, "SHARE")) {
            let mut next = at + 1;
            loop {
                let (name, end) = name_at(dialect, sql, tokens, next);
                names.locked.insert(name);
                if kind(end) != Some(TokenKind::Comma) {
                    break;
                }
                next = end + 1;
            }
        }
    }
    names
}

/// `name [(columns)] AS [[NOT] MATERIALIZED] (` at a token.
fn expression_name(sql: &str, tokens: &[Token], at: usize) -> Option<Token> {
    let name = tokens.get(at)?;
    if !matches!(name.kind, TokenKind::Word | TokenKind::Quoted) {
        return None;
    }
    let mut next = at + 1;
    if tokens.get(next)?.kind == TokenKind::LParen {
        next += 1 + tokens[next..]
            .iter()
            .position(|token| token.kind == TokenKind::RParen)?;
    }
    if !tokens.get(next)?.is(sql, "AS") {
        return None;
    }
    let opens = tokens[next + 1..]
        .iter()
        .find(|token| !token.is(sql, "NOT") && !token.is(sql, "MATERIALIZED"))?;
    (opens.kind == TokenKind::LParen).then_some(*name)
}

/// The dotted name at a token, and the token behind it.
fn name_at(dialect: Dialect, sql: &str, tokens: &[Token], start: usize) -> (String, usize) {
    let mut end = (start + 1).min(tokens.len());
    while tokens.get(end).map(|token| token.kind) == Some(TokenKind::Dot) && end + 1 < tokens.len()
    {
        end += 2;
    }
    (
        dotted(dialect, sql, tokens.get(start..end).unwrap_or(&[])),
        end,
    )
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Dialect,
        schema::{Config, from_sql},
        syntax::lexer,
    };

    use super::{judge, local_names, spelled};

    /// Names of expressions and locked names.
    fn names(sql: &str) -> (Vec<String>, Vec<String>) {
        let tokens = lexer::lex(Dialect::Postgres, sql).expect("tokens");
        let names = local_names(Dialect::Postgres, sql, &tokens);
        (
            names.expressions.into_iter().collect(),
            names.locked.into_iter().collect(),
        )
    }

    #[test]
    fn a_relation_of_the_oracle_that_no_reference_names_is_missed() {
        let ddl = "CREATE TABLE a (id INTEGER); CREATE TABLE b (id INTEGER)";
        let schema = from_sql(Dialect::Sqlite, ddl, &Config::default()).expect("a schema");
        let relations = ["a", "b"].map(str::to_owned);
        let verdict = |sql: &str| judge(&schema, sql, Some(&relations));
        let whole = verdict("SELECT 1 FROM a WHERE id IN b");
        assert!(whole.understood && whole.missed.is_empty());
        let part = verdict("SELECT 1 FROM a WHERE id IN (1)");
        assert_eq!(
            (part.understood, part.missed),
            (false, vec!["b".to_owned()])
        );
    }

    #[test]
    fn names_that_are_no_tables_are_read_off_the_tokens() {
        let sql = "WITH a AS (SELECT 1), \"B\" (x, y) AS NOT MATERIALIZED (SELECT 2, 3) \
                   SELECT x AS c, y FROM s.t AS u FOR UPDATE OF u, s.t SKIP LOCKED";
        assert_eq!(
            names(sql),
            (vec!["B".into(), "a".into()], vec!["s.t".into(), "u".into()])
        );
        assert_eq!(names("SELECT 1 INTO TEMP copy FROM t").0, ["copy"]);
        assert_eq!(names("INSERT INTO t VALUES (1)").0, [""; 0]);
    }

    #[test]
    fn a_locked_name_is_explained_by_an_alias_only() {
        let explained = |sql: &str, name: &str| {
            let tokens = lexer::lex(Dialect::Postgres, sql).expect("tokens");
            local_names(Dialect::Postgres, sql, &tokens).explain(name)
        };
        let sql = "SELECT * FROM (a JOIN b USING (id)) AS j, c d FOR UPDATE OF j, d, e";
        assert!(explained(sql, "j"));
        assert!(explained(sql, "d"));
        assert!(!explained(sql, "a"), "a table that is not locked");
        assert!(
            !explained("SELECT * FROM e FOR UPDATE OF e", "e"),
            "a table"
        );
    }

    #[test]
    fn bytes_spell_a_name_without_quotes_and_comments() {
        let sql = "SELECT * FROM s /* x */ . \"T\"";
        assert_eq!(spelled(Dialect::Postgres, sql, 14..29), "s.T");
        assert_eq!(spelled(Dialect::Postgres, "FROM Users", 5..10), "users");
        assert_eq!(spelled(Dialect::Sqlite, "FROM 'T'", 5..8), "t");
    }
}
