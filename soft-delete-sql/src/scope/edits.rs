//! Edits: collected by place, applied in order, and undone again as a check.

use super::{
    Edit,
    names::{is_first, sole_parentheses},
    place::Spot,
    resolution::{RefId, Resolution, Role, TableRef},
};
use crate::{
    Dialect,
    syntax::ast::{Clause, Tok},
};

/// The edits of one statement.
#[derive(Default)]
pub(super) struct Edits {
    /// Predicates by place, in source order of their references.
    predicates: Vec<(Place, Vec<String>)>,
    plain: Vec<Edit>,
    /// SET of a DELETE that becomes an UPDATE: behind what ends its tables.
    set: Option<Edit>,
}

/// A place for predicates: bytes of the old condition, or an insertion point with its keyword.
#[derive(Clone, PartialEq, Eq)]
enum Place {
    Condition { start: usize, end: usize },
    New { at: usize, keyword: &'static str },
}

impl Edits {
    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.plain.push(Edit {
            span: at..at,
            text: text.into(),
        });
    }

    pub(super) fn replace(&mut self, span: std::ops::Range<usize>, text: impl Into<String>) {
        self.plain.push(Edit {
            span,
            text: text.into(),
        });
    }

    pub(super) fn set(&mut self, at: usize, text: String) {
        self.set = Some(Edit { span: at..at, text });
    }

    /// `f AND (old)`, for every predicate of the place in turn.
    pub(super) fn condition(&mut self, resolution: &Resolution<'_>, clause: &Clause, f: String) {
        let bytes = resolution.parsed.bytes(clause.expr.range);
        self.predicate(
            Place::Condition {
                start: bytes.start,
                end: bytes.end,
            },
            f,
        );
    }

    /// A new WHERE (or ON) behind the token before `tok`.
    pub(super) fn new_clause(
        &mut self,
        resolution: &Resolution<'_>,
        tok: Tok,
        keyword: &'static str,
        f: String,
    ) {
        let at = resolution.parsed.tokens[tok as usize - 1].end;
        self.predicate(Place::New { at, keyword }, f);
    }

    fn predicate(&mut self, place: Place, f: String) {
        match self
            .predicates
            .iter_mut()
            .find(|(known, _)| *known == place)
        {
            Some((_, list)) => list.push(f),
            None => self.predicates.push((place, vec![f])),
        }
    }

    /// Puts a predicate at its spot; `own` is f for the table's own name, `seen` f as the block
    /// sees it.
    pub(super) fn put(
        &mut self,
        resolution: &Resolution<'_>,
        id: RefId,
        spot: Spot<'_>,
        seen: String,
        own: &str,
    ) {
        match spot {
            Spot::Clause(clause) => self.condition(resolution, clause, seen),
            Spot::Where(tok) => self.new_clause(resolution, tok, "WHERE", seen),
            Spot::On(tok) => self.new_clause(resolution, tok, "ON", seen),
            Spot::Replace => self.derived(resolution, id, own, &seen),
        }
    }

    /// `(SELECT * FROM t WHERE f) AS t`, keeping inside what belongs to the table.
    fn derived(&mut self, resolution: &Resolution<'_>, id: RefId, f: &str, seen: &str) {
        let reference = &resolution.references[id];
        let relation = reference.relation;
        let parsed = resolution.parsed;
        let all = parsed.bytes(relation.range);
        match reference.role {
            Role::TableCommand(keyword) => {
                let token = parsed.tokens[keyword as usize];
                self.replace(token.start..token.end, "SELECT * FROM");
                self.insert(all.end, format!(" WHERE {f}"));
                return;
            }
            Role::InTable => {
                self.insert(all.start, "(SELECT * FROM ");
                self.insert(all.end, format!(" WHERE {f})"));
                return;
            }
            _ => {}
        }
        if self.in_parentheses(resolution, reference, seen) {
            return;
        }
        let Some(alias) = &relation.alias else {
            let name = relation
                .name
                .last()
                .map(|&tok| resolution.spelled(tok))
                .unwrap_or_default();
            self.insert(all.start, "(SELECT * FROM ");
            self.insert(all.end, format!(" WHERE {f}) AS {name}"));
            return;
        };
        let alias_bytes = parsed.bytes(alias.range);
        if alias_bytes.end == all.end {
            let before = parsed.tokens[alias.range.start as usize - 1].end;
            self.insert(all.start, "(SELECT * FROM ");
            self.insert(before, format!(" WHERE {f})"));
            return;
        }
        // Modifiers behind the alias belong to the table, so the alias stays inside with them.
        let name = alias.name.map_or("", |tok| parsed.text(tok));
        self.insert(all.start, "(SELECT * FROM ");
        self.insert(all.end, format!(" WHERE {seen}) AS {name}"));
    }

    /// A single table in parentheses. MySQL takes no derived table inside them, and in SQLite it
    /// would lose its name, so they become its own.
    fn in_parentheses(
        &mut self,
        resolution: &Resolution<'_>,
        reference: &TableRef<'_>,
        f: &str,
    ) -> bool {
        let around = reference.item.and_then(|item| {
            let from = resolution.tree_of(item)?;
            let (paren, alias) = sole_parentheses(from, resolution.items[item].node?)?;
            Some((from.nodes[paren].range, alias, is_first(from, paren)))
        });
        let Some((range, has_alias, is_first)) = around else {
            return false;
        };
        let all = resolution.parsed.bytes(reference.relation.range);
        self.insert(all.start, "SELECT * FROM ");
        self.insert(all.end, format!(" WHERE {f}"));
        let relation = reference.relation;
        // SQLite: in front of all others the table keeps its alias; behind a join it is lost, and
        // the columns go by the table's name.
        let keeps = is_first || resolution.parsed.dialect != Dialect::Sqlite;
        let alias = relation.alias.as_ref().filter(|_| keeps);
        let name = alias.and_then(|alias| alias.name);
        if !has_alias && let Some(tok) = name.or_else(|| relation.name.last().copied()) {
            let end = resolution.parsed.bytes(range).end;
            self.insert(end, format!(" AS {}", resolution.spelled(tok)));
        }
        true
    }

    /// The edits in order of place. Several at one byte: what ends a relation, what closes a
    /// condition, then a new ON, SET, a new WHERE, and what opens a condition.
    pub(super) fn finish(self, sql: &str) -> Vec<Edit> {
        let mut edits: Vec<(usize, Edit)> = self.plain.into_iter().map(|edit| (0, edit)).collect();
        edits.extend(self.set.map(|edit| (3, edit)));
        for (place, predicates) in self.predicates {
            let f = predicates.join(" AND ");
            match place {
                Place::Condition { start, end } => {
                    edits.push((
                        5,
                        Edit {
                            span: start..start,
                            text: format!("{f} AND ("),
                        },
                    ));
                    edits.push((
                        1,
                        Edit {
                            span: end..end,
                            text: ")".to_owned(),
                        },
                    ));
                }
                Place::New { at, keyword } => {
                    let rank = if keyword == "ON" { 2 } else { 4 };
                    edits.push((
                        rank,
                        Edit {
                            span: at..at,
                            text: format!(" {keyword} {f}"),
                        },
                    ));
                }
            }
        }
        edits.sort_by_key(|(rank, edit)| (edit.span.start, edit.span.end, *rank));
        edits
            .into_iter()
            .map(|(_, edit)| spaced(sql, edit))
            .collect()
    }
}

/// Keeps the words of an edit apart from those beside it: `WHERE(x)`, `'a'RETURNING`.
fn spaced(sql: &str, mut edit: Edit) -> Edit {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let joins = |a: Option<char>, b: Option<char>| {
        a.is_some_and(is_word) && b.is_some_and(|b| is_word(b) || matches!(b, '\'' | '"' | '`'))
    };
    let before = sql[..edit.span.start].chars().next_back();
    if joins(before, edit.text.chars().next()) {
        edit.text.insert(0, ' ');
    }
    let behind = sql[edit.span.end..].chars().next();
    if joins(edit.text.chars().next_back(), behind) {
        edit.text.push(' ');
    }
    edit
}

/// Applies edits that are in order. `None` when they overlap.
pub(super) fn apply(sql: &str, edits: &[Edit]) -> Option<String> {
    let mut text = String::with_capacity(sql.len() + 64 * edits.len());
    let mut copied = 0;
    for edit in edits {
        text.push_str(sql.get(copied..edit.span.start)?);
        text.push_str(&edit.text);
        copied = edit.span.end;
    }
    text.push_str(sql.get(copied..)?);
    Some(text)
}

/// Takes the edits out of the edited text again.
pub(super) fn strip(sql: &str, edited: &str, edits: &[Edit]) -> Option<String> {
    let mut text = String::with_capacity(sql.len());
    let (mut from, mut copied) = (0, 0);
    for edit in edits {
        let kept = edit.span.start.checked_sub(copied)?;
        text.push_str(edited.get(from..from + kept)?);
        from += kept;
        let put = edited.get(from..from + edit.text.len())?;
        if put != edit.text {
            return None;
        }
        from += edit.text.len();
        text.push_str(&sql[edit.span.clone()]);
        copied = edit.span.end;
    }
    text.push_str(edited.get(from..)?);
    Some(text)
}
