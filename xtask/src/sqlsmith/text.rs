//! The texts made from a statement of sqlsmith.

use anyhow::{Result, bail};
use soft_delete_sql::{
    Dialect, Reference, Scope,
    syntax::lexer::{self, Token, TokenKind},
};

use super::world::schema_of;

/// Replacements of bytes by texts.
type Edits = Vec<(std::ops::Range<usize>, String)>;

fn edited(sql: &str, mut edits: Edits) -> String {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let mut text = sql.to_owned();
    for (span, new) in edits.into_iter().rev() {
        text.replace_range(span, &new);
    }
    text
}

fn tokens(sql: &str) -> Result<Vec<Token>> {
    match lexer::lex(Dialect::Postgres, sql) {
        Ok(tokens) => Ok(tokens),
        Err(fault) => bail!("{fault:?}"),
    }
}

/// A sample takes its rows before any filter, so only one of all rows can be compared: each
/// percentage becomes 100.
pub(super) fn sampled_whole(sql: &str) -> Result<String> {
    let tokens = tokens(sql)?;
    let mut edits = Edits::new();
    for sample in samples(sql, &tokens) {
        if let [_, _, _, percentage, _] = sample {
            edits.push((percentage.start..percentage.end, "100".to_owned()));
        }
    }
    Ok(edited(sql, edits))
}

/// `TABLESAMPLE method ( percentage )`
fn samples<'t>(sql: &str, tokens: &'t [Token]) -> Vec<&'t [Token]> {
    tokens
        .windows(5)
        .filter(|window| {
            window[0].is(sql, "TABLESAMPLE")
                && window[2].kind == TokenKind::LParen
                && window[4].kind == TokenKind::RParen
        })
        .collect()
}

/// The statement with a determined result as far as LIMIT goes: a subquery that takes one row of
/// an order that nobody gave takes the one of that rank; every other LIMIT is left out. `None` when
/// there is no LIMIT.
pub(super) fn without_limits(sql: &str) -> Result<Option<String>> {
    let tokens = tokens(sql)?;
    let mut edits = Edits::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.is(sql, "LIMIT") {
            continue;
        }
        let Some(count) = tokens.get(at + 1) else {
            continue;
        };
        let ranked = tokens
            .get(at + 2)
            .is_some_and(|next| next.is(sql, "OFFSET"));
        if ranked {
            edits.push((token.start..token.start, "order by 1 ".to_owned()));
        } else {
            edits.push((token.start..count.end, String::new()));
        }
    }
    Ok((!edits.is_empty()).then(|| edited(sql, edits)))
}

/// The statement with about half of its conditions turned: what was false or unknown becomes true.
/// sqlsmith compares NULL with NULL so often that few of its statements return a row.
pub(super) fn turned(sql: &str) -> Result<Option<String>> {
    let tokens = tokens(sql)?;
    let mut edits = Edits::new();
    for (at, token) in tokens.iter().enumerate() {
        let is = |at: Option<usize>, word| {
            let token = at.and_then(|at| tokens.get(at));
            token.is_some_and(|token| token.is(sql, word))
        };
        let joins = token.is(sql, "ON")
            && !is(at.checked_sub(1), "DISTINCT")
            && !is(Some(at + 1), "CONFLICT");
        // Neighbouring conditions differ, and a repetition makes the same choice.
        if !(joins || token.is(sql, "WHERE")) || at % 7 % 2 == 1 {
            continue;
        }
        let end = condition_end(sql, &tokens[at + 1..]);
        if let Some(last) = end.checked_sub(1).and_then(|end| tokens.get(at + 1 + end)) {
            edits.push((token.end..token.end, " (".to_owned()));
            edits.push((last.end..last.end, ") is not true".to_owned()));
        }
    }
    Ok((!edits.is_empty()).then(|| edited(sql, edits)))
}

/// How many tokens belong to the condition at the beginning.
fn condition_end(sql: &str, tokens: &[Token]) -> usize {
    const ENDS: [&str; 18] = [
        "CROSS",
        "EXCEPT",
        "FOR",
        "FULL",
        "GROUP",
        "HAVING",
        "INNER",
        "INTERSECT",
        "JOIN",
        "LEFT",
        "LIMIT",
        "ORDER",
        "RETURNING",
        "RIGHT",
        "UNION",
        "WHEN",
        "WHERE",
        "WINDOW",
    ];
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let ends = match token.kind {
            TokenKind::LParen | TokenKind::LBracket => {
                depth += 1;
                false
            }
            TokenKind::RParen | TokenKind::RBracket if depth == 0 => true,
            TokenKind::RParen | TokenKind::RBracket => {
                depth -= 1;
                false
            }
            TokenKind::Comma => depth == 0,
            // A CASE has words in it that would end a condition.
            TokenKind::Word if token.is(sql, "CASE") => {
                depth += 1;
                false
            }
            TokenKind::Word if token.is(sql, "END") => {
                depth = depth.saturating_sub(1);
                false
            }
            TokenKind::Word => depth == 0 && ENDS.iter().any(|word| token.is(sql, word)),
            _ => false,
        };
        if ends {
            return at;
        }
    }
    tokens.len()
}

/// The statement about the relations that hold the rows of each reference's scope and no others:
/// those of the scope's schema, or all of one schema.
///
/// sqlsmith writes `public.` before each name, so a reference that the analyser did not see is
/// found here.
pub(super) fn truth(sql: &str, references: &[Reference], one: Option<&str>) -> Result<String> {
    let tokens = tokens(sql)?;
    let mut edits = Edits::new();
    let mut seen = 0;
    for (at, window) in tokens.windows(3).enumerate() {
        let [schema, dot, name] = window else {
            continue;
        };
        if !schema.is(sql, "public") || dot.kind != TokenKind::Dot {
            continue;
        }
        let at_name = references
            .iter()
            .find(|reference| reference.span == (schema.start..name.end));
        // `public.t.column` names a reference elsewhere.
        let is_column = tokens.get(at + 3).map(|token| token.kind) == Some(TokenKind::Dot);
        let of_table = || {
            let mut others = references.iter();
            others.find(|reference| is_column && name.is(sql, &reference.table))
        };
        seen += usize::from(at_name.is_some());
        let Some(reference) = at_name.or_else(of_table) else {
            bail!("a reference to {} was not seen", name.text(sql));
        };
        let scope = match reference.scope {
            _ if reference.insert_target => Scope::Active,
            Some(scope) => scope,
            None => Scope::WithDeleted,
        };
        let to = one.unwrap_or(schema_of(scope));
        edits.push((schema.start..schema.end, to.to_owned()));
    }
    if seen != references.len() {
        bail!(
            "{seen} references were written and {} seen",
            references.len()
        );
    }
    for sample in samples(sql, &tokens) {
        if let [first, .., last] = sample {
            edits.push((first.start..last.end, String::new()));
        }
    }
    Ok(edited(sql, edits))
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{Request, Scope, check};

    use super::{sampled_whole, truth, turned, without_limits};
    use crate::sqlsmith::world;

    #[test]
    fn one_row_of_no_order_becomes_the_row_of_that_rank() {
        let sql = "select (select id from public.tags limit 1 offset 4) from public.tags limit 9";
        assert_eq!(
            without_limits(sql).expect("text").as_deref(),
            Some(
                "select (select id from public.tags order by 1 limit 1 offset 4) from public.tags "
            )
        );
        assert_eq!(without_limits("select 1").expect("text"), None);
    }

    #[test]
    fn a_condition_is_turned_as_a_whole() {
        let sql = "select 1 from a inner join b on (x = case when y then 1 end) \
                   where p and (q or r) limit 3";
        assert_eq!(
            turned(sql).expect("text").as_deref(),
            Some(
                "select 1 from a inner join b on ( (x = case when y then 1 end)) is not true \
                 where ( p and (q or r)) is not true limit 3"
            )
        );
        assert_eq!(turned("select 1 from a").expect("text"), None);
    }

    #[test]
    fn the_truth_reads_each_scope_where_its_rows_are() {
        let sql = sampled_whole(
            "select 1 from public.people as a tablesample system (2.5) , public.notes as b",
        )
        .expect("text");
        assert!(sql.contains("tablesample system (100)"), "{sql}");
        let schema = world::schema().expect("a schema");
        let request = Request {
            sql: &sql,
            scopes: vec![
                ("a".to_owned(), Scope::Active),
                ("b".to_owned(), Scope::Deleted),
            ],
            ..Request::default()
        };
        let mut references = check(&schema, &request).references;
        assert_eq!(
            truth(&sql, &references, None).expect("text"),
            "select 1 from active.people as a  , deleted.notes as b"
        );
        assert_eq!(
            truth(&sql, &references, Some("clean")).expect("text"),
            "select 1 from clean.people as a  , clean.notes as b"
        );
        let update = "update public.tags set id = public.tags.id";
        let checked = check(
            &schema,
            &Request {
                sql: update,
                ..Request::default()
            },
        );
        assert_eq!(
            truth(update, &checked.references, Some("clean")).expect("text"),
            "update clean.tags set id = clean.tags.id"
        );
        references.pop();
        let error = truth(&sql, &references, None).expect_err("one is missing");
        assert_eq!(error.to_string(), "a reference to notes was not seen");
    }
}
