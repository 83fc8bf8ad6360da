//! Upserts: which keys count tombstones, and what an INSERT that meets one does.

use super::{
    Scope,
    edits::Edits,
    key::{Key, counts_tombstones, keys},
    predicate,
    prove::is_guarded,
    request::Grant,
    resolution::{ItemId, RefId, Resolution, Soft},
    resolve::display,
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    schema::{KeyPart, Table},
    syntax::{
        Token, TokenKind,
        ast::{Assignment, Conflict, ConflictAction, ConflictTarget, Expr, Insert, Range, Tok},
        lexer::lex,
    },
};

/// The insert cannot collide on a key with a column that it leaves to the database to count.
fn cannot_collide(
    resolution: &Resolution<'_>,
    insert: &Insert,
    table: &Table,
    key: &Key<'_>,
) -> bool {
    let Some(columns) = &insert.columns else {
        return false;
    };
    key.parts.iter().any(|part| match part {
        KeyPart::Column(name) => {
            table
                .columns
                .iter()
                .any(|column| column.name == *name && column.generated && column.computed.is_none())
                && !columns.iter().any(|&tok| resolution.name(tok) == *name)
        }
        KeyPart::Expression(_) => false,
    })
}

/// The keys that an inference clause can mean.
fn inferred<'s>(resolution: &Resolution<'_>, table: &'s Table, items: &[Expr]) -> Vec<Key<'s>> {
    let dialect = resolution.parsed.dialect;
    let wanted: Vec<KeyPart> = items
        .iter()
        .map(|item| key_part(resolution, item.range))
        .collect();
    let same = |a: &KeyPart, b: &KeyPart| match (a, b) {
        (KeyPart::Column(a), KeyPart::Column(b)) => a == b,
        (KeyPart::Expression(a), KeyPart::Expression(b)) => words(dialect, a) == words(dialect, b),
        _ => false,
    };
    keys(table)
        .into_iter()
        .filter(|key| {
            key.parts
                .iter()
                .all(|part| wanted.iter().any(|other| same(part, other)))
                && wanted
                    .iter()
                    .all(|part| key.parts.iter().any(|other| same(part, other)))
        })
        .collect()
}

/// `email`, `email COLLATE x opclass`: the column; anything else is an expression.
fn key_part(resolution: &Resolution<'_>, range: Range) -> KeyPart {
    let range = resolution.strip_parens(range);
    let first = range.start;
    let behind = resolution.kind(first + 1);
    let called = behind == Some(TokenKind::LParen) || behind == Some(TokenKind::Op);
    if resolution.is_name(first) && !called {
        return KeyPart::Column(resolution.name(first));
    }
    KeyPart::Expression(resolution.parsed.sql[resolution.parsed.bytes(range)].to_owned())
}

/// Tokens in comparable form.
fn words(dialect: Dialect, text: &str) -> Vec<String> {
    let Ok(tokens) = lex(dialect, text) else {
        return vec![text.to_owned()];
    };
    let word = |token: &Token| match token.kind {
        TokenKind::Word | TokenKind::Quoted => token.name(dialect, text),
        _ => token.text(text).to_owned(),
    };
    tokens.iter().map(word).collect()
}

/// ON CONFLICT whose every possible arbiter holds live rows only.
pub(super) fn arbiter_is_live(resolution: &Resolution<'_>, conflict: &Conflict, id: RefId) -> bool {
    let Some(table) = resolution.references[id].table else {
        return false;
    };
    let table = &resolution.schema.tables[table];
    let ConflictTarget::Columns {
        items,
        predicate: Some(_),
        ..
    } = &conflict.target
    else {
        return false;
    };
    let keys = inferred(resolution, table, items);
    !keys.is_empty()
        && keys
            .iter()
            .all(|key| !counts_tombstones(resolution.schema, table, key))
}

/// ON DUPLICATE KEY UPDATE that can meet live rows only.
pub(super) fn duplicates_are_live(resolution: &Resolution<'_>, insert: &Insert, id: RefId) -> bool {
    let Some(table) = resolution.references[id].table else {
        return false;
    };
    let table = &resolution.schema.tables[table];
    keys(table).iter().all(|key| {
        !counts_tombstones(resolution.schema, table, key)
            || cannot_collide(resolution, insert, table, key)
    })
}

/// Every assignment reads `c = IF(f, …, c)`.
pub(super) fn assignments_are_guarded(
    resolution: &Resolution<'_>,
    insert: &Insert,
    item: ItemId,
    soft: &Soft,
) -> bool {
    let dialect = resolution.parsed.dialect;
    let qualifier = &resolution.items[item].qualifier;
    let f = words(
        dialect,
        &predicate::text(dialect, soft, Scope::Active, qualifier),
    );
    insert.on_duplicate.iter().flatten().all(|assignment| {
        let text = &resolution.parsed.sql[resolution.parsed.bytes(assignment.value.range)];
        let own = words(dialect, text);
        let mut head = vec!["if".to_owned(), "(".to_owned()];
        head.extend(f.iter().cloned());
        head.push(",".to_owned());
        let Some(column) = assigned(assignment).map(|tok| resolution.name(tok)) else {
            return false;
        };
        own.starts_with(&head)
            && is_one_call(&own)
            && own.ends_with(&[",".to_owned(), column, ")".to_owned()])
    })
}

/// The column that an assignment of MySQL writes, its qualifier left out.
fn assigned(assignment: &Assignment) -> Option<Tok> {
    assignment.columns.iter().flatten().last().copied()
}

/// True for `name(a, b, c)` and nothing behind it.
fn is_one_call(words: &[String]) -> bool {
    let (mut depth, mut commas) = (0_usize, 0_usize);
    for (at, word) in words.iter().enumerate().skip(1) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 1 => commas += 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == words.len() && commas == 2;
        }
    }
    false
}

/// Judges an INSERT with a conflict clause, and writes its guards.
pub(super) fn check(
    resolution: &Resolution<'_>,
    (insert, id, item): (&Insert, RefId, Option<ItemId>),
    grant: Grant,
    edits: &mut Edits,
    errors: &mut Vec<Diagnostic>,
) {
    let reference = &resolution.references[id];
    if !reference.over_soft {
        return;
    }
    if insert.replaces {
        errors.push(replaces(resolution, id));
        return;
    }
    // Said for this reference: writing to tombstones is what the caller wants.
    if grant.scope == Some(Scope::WithDeleted) {
        return;
    }
    let upserts = insert.ignores || insert.on_duplicate.is_some() || !insert.conflicts.is_empty();
    if !upserts {
        return;
    }
    let (Some(soft), Some(item), Some(table)) = (&reference.soft, item, reference.table) else {
        let message = format!("an upsert through the view `{}`", reference.name);
        errors.push(
            Diagnostic::new(Code::ConflictCountsTombstones, message)
                .at(resolution.span(reference), "a view")
                .why("which key decides the conflict is not to be seen through a view")
                .help("write the INSERT on the table itself"),
        );
        return;
    };
    let table = &resolution.schema.tables[table];
    let judge = Judge {
        resolution,
        insert,
        table,
        id,
        item,
        soft,
        grant,
    };
    let accepted = table.settings.accepts("upsert_counts_tombstones");
    if insert.conflicts.is_empty() && !accepted {
        judge.any_key(resolution.span(reference), errors);
    }
    if let Some(assignments) = &insert.on_duplicate {
        errors.extend(judge.written_condition(assignments));
        judge.duplicates(assignments, edits);
    }
    for conflict in &insert.conflicts {
        judge.conflict(conflict, accepted, edits, errors);
    }
}

/// REPLACE physically deletes the row it replaces.
pub(super) fn replaces(resolution: &Resolution<'_>, id: RefId) -> Diagnostic {
    let reference = &resolution.references[id];
    let name = &reference.name;
    let help = match resolution.parsed.dialect {
        Dialect::Mysql => "INSERT … ON DUPLICATE KEY UPDATE …",
        _ => "INSERT … ON CONFLICT (…) DO UPDATE SET …",
    };
    Diagnostic::new(
        Code::Replace,
        format!("REPLACE physically deletes the rows of `{name}` that it replaces"),
    )
    .at(resolution.span(reference), "live rows and tombstones alike")
    .why("a deleted row is gone for good, with what recorded its deletion")
    .help(format!("update the row in place: {help}"))
}

struct Judge<'r, 'p> {
    resolution: &'r Resolution<'p>,
    insert: &'r Insert,
    table: &'r Table,
    id: RefId,
    item: ItemId,
    soft: &'r Soft,
    grant: Grant,
}

impl Judge<'_, '_> {
    /// No target: any unique key can decide.
    fn any_key(&self, span: std::ops::Range<usize>, errors: &mut Vec<Diagnostic>) {
        let schema = self.resolution.schema;
        let counting = keys(self.table).into_iter().find(|key| {
            counts_tombstones(schema, self.table, key)
                && !cannot_collide(self.resolution, self.insert, self.table, key)
        });
        if let Some(key) = counting {
            errors.push(self.refusal(&key, span));
        }
    }

    fn conflict(
        &self,
        conflict: &Conflict,
        accepted: bool,
        edits: &mut Edits,
        errors: &mut Vec<Diagnostic>,
    ) {
        let resolution = self.resolution;
        let span = resolution.parsed.bytes(conflict.range);
        match &conflict.target {
            ConflictTarget::Any if accepted => {}
            ConflictTarget::Any => self.any_key(span, errors),
            ConflictTarget::Constraint(name) => {
                let constraint = resolution.name(*name);
                let key = keys(self.table).into_iter().find(|key| {
                    key.name == Some(constraint.as_str())
                        || (key.name.is_none() && constraint.ends_with("_pkey"))
                });
                let harmless = key
                    .as_ref()
                    .is_some_and(|key| cannot_collide(resolution, self.insert, self.table, key));
                if !accepted && !harmless {
                    let parts = vec![KeyPart::Column(constraint)];
                    let key = key.unwrap_or(Key {
                        parts,
                        predicate: None,
                        name: None,
                        is_primary: false,
                    });
                    errors.push(self.refusal(&key, span));
                }
            }
            ConflictTarget::Columns {
                range,
                items,
                predicate,
            } => {
                let keys = inferred(resolution, self.table, items);
                let counting = keys.iter().find(|key| {
                    counts_tombstones(resolution.schema, self.table, key)
                        && !cannot_collide(resolution, self.insert, self.table, key)
                });
                if let Some(key) = counting {
                    if !accepted {
                        errors.push(self.refusal(key, span));
                    }
                } else if predicate.is_none() {
                    let dialect = resolution.parsed.dialect;
                    let mut own: Vec<&str> = keys.iter().filter_map(|key| key.predicate).collect();
                    own.dedup_by(|a, b| words(dialect, a) == words(dialect, b));
                    match own.as_slice() {
                        [] => {}
                        [own] => {
                            let end = resolution.parsed.bytes(*range).end;
                            edits.insert(end, format!(" WHERE {own}"));
                        }
                        several => errors.push(self.several(several, span)),
                    }
                }
            }
        }
        if let ConflictAction::Update {
            assignments,
            filter,
        } = &conflict.action
        {
            self.guard(conflict, assignments, filter.as_ref(), edits);
        }
    }

    /// f(target) in DO UPDATE's WHERE.
    fn guard(
        &self,
        conflict: &Conflict,
        assignments: &[Assignment],
        filter: Option<&crate::syntax::ast::Clause>,
        edits: &mut Edits,
    ) {
        let resolution = self.resolution;
        // Proven by the arbiter alone it may stay as it is, unless `active` was asked for.
        let guarded = filter.is_some_and(|filter| is_guarded(resolution, self.id, filter));
        if guarded || !self.grant.said {
            return;
        }
        let dialect = resolution.parsed.dialect;
        let qualifier = &resolution.items[self.item].qualifier;
        let f = predicate::text(dialect, self.soft, Scope::Active, qualifier);
        match (filter, assignments.last()) {
            (Some(filter), _) => edits.condition(resolution, filter, f),
            (None, Some(last)) => edits.new_clause(resolution, last.range.end, "WHERE", f),
            (None, None) => edits.new_clause(resolution, conflict.range.end, "WHERE", f),
        }
    }

    /// MySQL assigns from left to right: a guard must not read what stands assigned before it.
    fn written_condition(&self, assignments: &[Assignment]) -> Option<Diagnostic> {
        let resolution = self.resolution;
        let dialect = resolution.parsed.dialect;
        let condition = words(dialect, self.soft.marker.active.as_deref()?);
        if duplicates_are_live(resolution, self.insert, self.id) {
            return None;
        }
        let (_, early) = assignments.split_last()?;
        let column = early.iter().find_map(|assignment| {
            let tok = assigned(assignment)?;
            condition
                .contains(&resolution.name(tok))
                .then_some((tok, assignment.range))
        })?;
        let name = resolution.name(column.0);
        let message =
            format!("`{name}` decides whether the row is live, and is assigned too early");
        Some(
            Diagnostic::new(Code::CannotScope, message)
                .at(
                    resolution.parsed.bytes(column.1),
                    "assigned from left to right",
                )
                .why("the guards of the assignments behind it would read the new value")
                .help(format!("make `{name} = …` the last assignment")),
        )
    }

    /// `c = IF(f, expr, c)`
    fn duplicates(&self, assignments: &[Assignment], edits: &mut Edits) {
        if self.grant.proven {
            return;
        }
        let resolution = self.resolution;
        let dialect = resolution.parsed.dialect;
        let qualifier = &resolution.items[self.item].qualifier;
        let f = predicate::text(dialect, self.soft, Scope::Active, qualifier);
        for assignment in assignments {
            let Some(column) = assigned(assignment) else {
                continue;
            };
            let value = resolution.parsed.bytes(assignment.value.range);
            edits.insert(value.start, format!("IF({f}, "));
            edits.insert(value.end, format!(", {})", resolution.text(column)));
        }
    }

    /// Which of several partial keys is meant is the user's to say.
    fn several(&self, predicates: &[&str], span: std::ops::Range<usize>) -> Diagnostic {
        let name = display(&self.table.name);
        let choices: Vec<String> = predicates
            .iter()
            .map(|predicate| format!("`WHERE {predicate}`"))
            .collect();
        Diagnostic::new(
            Code::ConflictCountsTombstones,
            format!("several partial keys of `{name}` could decide this conflict"),
        )
        .at(span, "no predicate says which one")
        .why("the database takes a key whose predicate this clause implies")
        .help(format!(
            "write it behind the columns: {}",
            choices.join(" or ")
        ))
    }

    fn refusal(&self, key: &Key<'_>, span: std::ops::Range<usize>) -> Diagnostic {
        let name = display(&self.table.name);
        let parts: Vec<&str> = key
            .parts
            .iter()
            .map(|part| match part {
                KeyPart::Column(text) | KeyPart::Expression(text) => text.as_str(),
            })
            .collect();
        let parts = parts.join(", ");
        let dialect = self.resolution.parsed.dialect;
        let active = predicate::bare(dialect, self.soft);
        let accept =
            format!("in soft-delete.toml: [tables.{name}] accept = [\"upsert_counts_tombstones\"]");
        let help = if key.is_primary {
            // Nothing makes a primary key partial.
            format!("if its values are never used again, accept it {accept}")
        } else if dialect == Dialect::Mysql {
            // A key that the schema does not name has a name of MySQL's choice.
            let key = key.name.map_or("…".to_owned(), |name| dialect.quote(name));
            format!(
                "make the key hold live rows only, as a part of it that is NULL for deleted rows does:\n\
                 ALTER TABLE {name} ADD COLUMN live TINYINT AS (IF({active}, 1, NULL)),\n    \
                 DROP KEY {key}, ADD UNIQUE KEY ({parts}, live)\n\
                 or, {accept}"
            )
        } else {
            format!(
                "make the key partial: CREATE UNIQUE INDEX … ON {name} ({parts}) WHERE {active}\n\
                 or, {accept}"
            )
        };
        Diagnostic::new(
            Code::ConflictCountsTombstones,
            format!("the unique key ({parts}) of `{name}` also counts soft-deleted rows"),
        )
        .at(span, "a deleted row can decide this conflict")
        .why("the INSERT would then do nothing, or write to a row that nobody sees")
        .help(help)
    }
}
