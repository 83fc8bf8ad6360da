//! A second opinion on an answer: the same statement in words that let SQLite make another plan.
//! MariaDB and MySQL are given settings instead.
//!
//! A database has faults that depend on the plan. Where the two sides differ only by one of them, they
//! agree under another plan, and one of them contradicts its own first answer. A condition of ours
//! that is missing or wrong gives the same wrong rows under every plan.

use soft_delete_sql::{
    Dialect,
    syntax::{Token, TokenKind, lexer::lex},
};

/// EXISTS as a count, which becomes no join.
pub(crate) fn counted(sql: &str) -> String {
    let tokens = tokens(sql);
    let mut edits = Vec::new();
    let mut open = Vec::new();
    let mut counts = false;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LParen => open.push(std::mem::take(&mut counts)),
            TokenKind::RParen if open.pop() == Some(true) => {
                edits.push((token.end, token.end, ") > 0)"));
            }
            _ if token.is(sql, "EXISTS") && opens(tokens.get(at + 1)) => {
                edits.push((token.start, token.end, "((SELECT count(*) FROM "));
                counts = true;
            }
            _ => {}
        }
    }
    edited(sql, &edits)
}

/// Every expression of WITH as a table of its own.
pub(crate) fn materialized(sql: &str) -> String {
    let tokens = tokens(sql);
    let is = |at: Option<usize>, word: &str| {
        at.and_then(|at| tokens.get(at))
            .is_some_and(|token| token.is(sql, word))
    };
    let mut edits = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.is(sql, "AS") || is(at.checked_sub(2), "WINDOW") {
            continue;
        }
        if opens(tokens.get(at + 1)) {
            edits.push((token.end, token.end, " MATERIALIZED "));
        } else if is(Some(at + 1), "NOT") && is(Some(at + 2), "MATERIALIZED") {
            let not = tokens[at + 1];
            edits.push((not.start, not.end, ""));
        }
    }
    edited(sql, &edits)
}

fn tokens(sql: &str) -> Vec<Token> {
    lex(Dialect::Sqlite, sql).unwrap_or_else(|fault| panic!("{fault:?}: {sql}"))
}

fn opens(token: Option<&Token>) -> bool {
    token.is_some_and(|token| token.kind == TokenKind::LParen)
}

fn edited(sql: &str, edits: &[(usize, usize, &str)]) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut copied = 0;
    for (start, end, new) in edits {
        text.push_str(&sql[copied..*start]);
        text.push_str(new);
        copied = *end;
    }
    text + &sql[copied..]
}

#[cfg(test)]
mod tests {
    use super::{counted, materialized};

    #[test]
    fn other_words_mean_the_same() {
        assert_eq!(
            counted("SELECT 1 WHERE NOT EXISTS (SELECT (1) FROM t WHERE exists(SELECT 2)) AND (1)"),
            "SELECT 1 WHERE NOT ((SELECT count(*) FROM  (SELECT (1) FROM t WHERE \
             ((SELECT count(*) FROM (SELECT 2)) > 0))) > 0) AND (1)"
        );
        assert_eq!(
            materialized(
                "WITH a AS (SELECT 1), b (x) as not MATERIALIZED (SELECT 2) \
                 SELECT count(*) OVER w AS n FROM (SELECT 1) AS c WINDOW w AS ()"
            ),
            "WITH a AS MATERIALIZED  (SELECT 1), b (x) as  MATERIALIZED (SELECT 2) \
             SELECT count(*) OVER w AS n FROM (SELECT 1) AS c WINDOW w AS ()"
        );
    }
}
