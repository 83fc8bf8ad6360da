//! Mutants of a scoped statement: its text without one of the predicates that were put into it.

use std::{collections::BTreeSet, ops::Range};

use soft_delete_sql::{
    Dialect, Schema,
    scope::Edit,
    syntax::{Token, TokenKind, lexer},
};

use super::{Asked, Execution, Scoped, scopes::bare};

/// A scoped statement with one predicate less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// Its text.
    pub(super) sql: String,
    /// FALSE in place of the predicate: nothing is seen of the reference.
    pub(super) emptied: String,
    /// The predicate that it lacks.
    pub(in crate::corpus) lacks: String,
    place: Place,
}

/// An edit by its index, and the bytes of a predicate in its text.
type Place = (usize, Range<usize>);

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its result is another one; on data made for the statement, or on any.
    Killed { witness: bool },
    /// No data that was tried tells it apart. The reason groups.
    Survives(&'static str),
}

/// Words and signs between which a predicate stands.
const AROUND: [&str; 5] = ["WHERE", "ON", "AND", "OR", "FROM"];

/// Every mutant of a statement.
pub(in crate::corpus) fn mutants(schema: &Schema, sql: &str, scoped: &Scoped) -> Vec<Mutant> {
    let markers = columns(schema, scoped);
    let mut found = Vec::new();
    for (at, edit) in scoped.edits.iter().enumerate() {
        for (start, end) in predicates(schema.dialect, &edit.text, &markers) {
            let place = (at, start..end);
            let with = |word| without(sql, scoped, &[&place], word);
            if let (Some(sql), Some(emptied)) = (with("TRUE"), with("FALSE")) {
                found.push(Mutant {
                    sql,
                    emptied,
                    lacks: edit.text[start..end].to_owned(),
                    place,
                });
            }
        }
    }
    found
}

/// A word in place of some predicates.
fn without(sql: &str, scoped: &Scoped, places: &[&Place], word: &str) -> Option<String> {
    let mut edits = scoped.edits.clone();
    let mut places = places.to_vec();
    // From the back, so that the bytes in front stay where they are.
    places.sort_by_key(|(_, range)| std::cmp::Reverse(range.start));
    for (at, range) in places {
        edits[*at].text.replace_range(range.clone(), word);
    }
    edited(sql, &edits)
}

/// What would show that other predicates hide the rows that this one hides: the statement without
/// another one, or without all others, and without this one as well.
pub(super) fn masks(
    sql: &str,
    scoped: &Scoped,
    mutants: &[Mutant],
    own: &Mutant,
) -> Vec<[String; 2]> {
    let others = mutants.iter().filter(|other| other.place != own.place);
    let others: Vec<&Place> = others.map(|other| &other.place).collect();
    let mut groups: Vec<Vec<&Place>> = others.iter().map(|other| vec![*other]).collect();
    if others.len() > 1 {
        groups.push(others);
    }
    let pair = |group: Vec<&Place>| {
        let more = [group.as_slice(), &[&own.place]].concat();
        let [one, both] = [group, more].map(|places| without(sql, scoped, &places, "TRUE"));
        Some([one?, both?])
    };
    groups.into_iter().filter_map(pair).collect()
}

impl Mutant {
    /// What qualifies the column of the predicate that it lacks.
    pub(super) fn qualifier(&self) -> Option<&str> {
        let before = self.lacks.split_once('.')?.0.trim_end_matches('"');
        let name = before
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        name.filter(|name| !name.is_empty())
    }

    /// Where the edit with the predicate stands in the statement.
    pub(super) fn byte(&self, scoped: &Scoped) -> usize {
        scoped.edits[self.place.0].span.start
    }

    /// The request that the mutant pretends to be an answer to.
    pub(super) fn asked(&self, scoped: &Scoped) -> Asked {
        Asked::Scoped(Scoped {
            sql: self.sql.clone(),
            ..scoped.clone()
        })
    }
}

impl Fate {
    /// What the predicate lets through matters, and its absence was not seen.
    pub(super) const SAME: &'static str = "the rows are the same";
    pub(super) const EMPTY: &'static str = "no row is returned or written";
    /// No row satisfies the statement, whatever the tables hold.
    pub(super) const CONTRADICTS: &'static str = "its conditions contradict each other";
    /// Its query returns nothing, or others that are combined with it hide all that it returns.
    pub(super) const HIDDEN: &'static str = "no row of its query can show";
    /// The database has said that it is the same statement.
    pub(super) const PLAN: &'static str = "the database makes the same plan of both";
    /// It shows once other predicates are left out, too.
    pub(super) const MASKED: &'static str = "other predicates hide the same rows";
    /// The statement gives the same when the reference is empty.
    pub(super) const IDLE: &'static str = "the reference might as well be empty";

    /// It is known why nothing told it apart: it is the same statement, others hide the same rows,
    /// or there can be none.
    pub(in crate::corpus) fn is_explained(&self) -> bool {
        [Self::PLAN, Self::MASKED, Self::CONTRADICTS, Self::HIDDEN].contains(&match self {
            Self::Survives(reason) => *reason,
            Self::Killed { .. } => "",
        })
    }

    pub(super) const fn survives(&self) -> bool {
        matches!(self, Self::Survives(_))
    }

    /// What an execution of a mutant means for it.
    pub(super) const fn of(execution: &Execution) -> Self {
        match execution {
            Execution::Differs { .. } | Execution::Rejected { .. } => {
                Self::Killed { witness: false }
            }
            Execution::Equal { rows: 0, .. } => Self::Survives(Self::EMPTY),
            Execution::Equal { .. } => Self::Survives(Self::SAME),
            Execution::Unjudged(_) => Self::Survives("its result is not determined"),
        }
    }
}

/// The columns that a filter of the statement may test, folded.
fn columns(schema: &Schema, scoped: &Scoped) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for reference in &scoped.references {
        let name = bare(&reference.table);
        for table in schema
            .tables
            .iter()
            .filter(|it| it.name.name.eq_ignore_ascii_case(name))
        {
            let Some(marker) = &table.marker else {
                continue;
            };
            names.insert(marker.column.to_ascii_lowercase());
            if let Some(active) = &marker.active {
                let tokens = lexer::lex(schema.dialect, active).unwrap_or_default();
                let words = tokens.iter().filter(|token| is_name(token));
                names.extend(words.map(|it| it.name(schema.dialect, active).to_ascii_lowercase()));
            }
        }
    }
    names
}

fn is_name(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::Quoted)
}

/// The bytes of the predicates in the text of an edit: what names a column of a filter, between
/// two connectives or parentheses.
fn predicates(dialect: Dialect, text: &str, columns: &BTreeSet<String>) -> Vec<(usize, usize)> {
    let tokens = lexer::lex(dialect, text).unwrap_or_default();
    let mut found = Vec::new();
    let mut run: Vec<&Token> = Vec::new();
    // What a verb assigns is no predicate.
    let mut assigns = false;
    let mut end = |run: &mut Vec<&Token>, assigns: bool| {
        let named = |token: &&Token| {
            is_name(token) && columns.contains(&token.name(dialect, text).to_ascii_lowercase())
        };
        if let (Some(first), Some(last)) = (run.first(), run.last())
            && !assigns
            && run.iter().any(named)
        {
            found.push((first.start, last.end));
        }
        run.clear();
    };
    for token in &tokens {
        let is_around = AROUND.iter().any(|word| token.is(text, word))
            || matches!(token.kind, TokenKind::LParen | TokenKind::RParen);
        if token.is(text, "SET") || token.is(text, "WHERE") {
            end(&mut run, assigns);
            assigns = token.is(text, "SET");
        } else if is_around {
            end(&mut run, assigns);
        } else {
            run.push(token);
        }
    }
    end(&mut run, assigns);
    found
}

/// Applies edits, which are in order.
fn edited(sql: &str, edits: &[Edit]) -> Option<String> {
    let mut text = String::new();
    let mut copied = 0;
    for edit in edits {
        text.push_str(sql.get(copied..edit.span.start)?);
        text.push_str(&edit.text);
        copied = edit.span.end;
    }
    text.push_str(sql.get(copied..)?);
    Some(text)
}

#[cfg(test)]
mod tests {
    use soft_delete_sql::{
        Dialect,
        schema::{Config, from_sql},
    };

    use super::{super::ask, Asked, mutants};

    /// The mutants of what a developer would ask.
    fn texts(sql: &str) -> Vec<String> {
        let ddl = "CREATE TABLE a (id INTEGER PRIMARY KEY, deleted_at TEXT);
                   CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER, is_deleted INTEGER NOT NULL);";
        let schema = from_sql(Dialect::Sqlite, ddl, &Config::default()).expect("a schema");
        let Asked::Scoped(scoped) = ask(&schema, sql) else {
            panic!("{sql}");
        };
        let mutants = mutants(&schema, sql, &scoped);
        mutants.into_iter().map(|mutant| mutant.sql).collect()
    }

    #[test]
    fn every_predicate_is_left_out_once() {
        assert_eq!(
            texts("SELECT a.id FROM a, b WHERE a.id = 1 OR b.id = 2"),
            [
                "SELECT a.id FROM a, b WHERE TRUE AND b.is_deleted = 0 AND (a.id = 1 OR b.id = 2)",
                "SELECT a.id FROM a, b WHERE a.deleted_at IS NULL AND TRUE AND (a.id = 1 OR b.id = 2)",
            ]
        );
        assert_eq!(
            texts("SELECT 1 FROM a LEFT JOIN b ON b.a_id = a.id"),
            [
                "SELECT 1 FROM a LEFT JOIN b ON TRUE AND (b.a_id = a.id) WHERE a.deleted_at IS NULL",
                "SELECT 1 FROM a LEFT JOIN b ON b.is_deleted = 0 AND (b.a_id = a.id) WHERE TRUE",
            ]
        );
        assert_eq!(
            texts("SELECT 1 FROM a FULL JOIN b USING (id)").len(),
            2,
            "tables replaced by what holds their rows"
        );
    }

    #[test]
    fn what_an_operation_writes_is_no_predicate() {
        let texts = texts("DELETE FROM a WHERE id = 1");
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].contains("SET deleted_at ="), "{texts:?}");
    }

    #[test]
    fn what_proves_itself_has_no_mutant() {
        assert_eq!(texts("SELECT id FROM a WHERE deleted_at IS NULL"), [""; 0]);
    }
}
