//! Where the predicate of a reference goes: carried up from its leaf to the first place where it
//! is equivalent to filtering the table first.

use super::{
    names::{Edge, edge},
    resolution::{ItemId, RefId, Resolution, Role, Top},
};
use crate::{
    Dialect,
    diagnostic::{Code, Diagnostic},
    syntax::{
        TokenKind,
        ast::{Clause, Constraint, NodeKind, Tok},
    },
};

/// A place for a predicate.
#[derive(Clone, Copy)]
pub(super) enum Spot<'p> {
    /// In front of a condition that stands there.
    Clause(&'p Clause),
    /// A new WHERE behind the token before this one.
    Where(Tok),
    /// A new ON behind the token before this one (SQLite's LEFT JOIN without constraint).
    On(Tok),
    /// The reference becomes a derived table.
    Replace,
}

/// Carries f from an item's leaf upward.
pub(super) fn spot<'p>(resolution: &Resolution<'p>, item: ItemId) -> Spot<'p> {
    let own = &resolution.items[item];
    let block = &resolution.blocks[own.block];
    let tree = &block.trees[own.tree];
    let dialect = resolution.parsed.dialect;
    let mut inner: Option<(usize, &'p Clause)> = None;
    let at = |spot: Spot<'p>, place: Option<usize>| {
        let place = place.map(|join| (own.tree, join));
        if resolution.addressable(item, place) {
            spot
        } else {
            Spot::Replace
        }
    };
    let fallback = |inner: Option<(usize, &'p Clause)>| match inner {
        Some((join, clause)) => at(Spot::Clause(clause), Some(join)),
        None => Spot::Replace,
    };
    if let (Some(from), Some(mut node)) = (tree.from, own.node) {
        while let Some((parent, edge)) = edge(from, node) {
            match (&from.nodes[parent].kind, edge) {
                (NodeKind::Join(join), Edge::Inner) => {
                    if let Constraint::On(clause) = &join.constraint
                        && inner.is_none()
                    {
                        inner = Some((parent, clause));
                    }
                }
                (NodeKind::Join(join), Edge::Nullable) => {
                    return match &join.constraint {
                        Constraint::On(clause) => match at(Spot::Clause(clause), Some(parent)) {
                            Spot::Replace => fallback(inner),
                            spot => spot,
                        },
                        Constraint::None
                            if dialect == Dialect::Sqlite && !join.natural && inner.is_none() =>
                        {
                            at(Spot::On(from.nodes[parent].range.end), Some(parent))
                        }
                        Constraint::None | Constraint::Using(_) => fallback(inner),
                    };
                }
                // Behind the alias of parentheses the names inside are gone.
                (_, Edge::Full | Edge::Paren(true)) => return fallback(inner),
                // SQLite drops the alias of a single table in parentheses.
                (_, Edge::Paren(false))
                    if dialect == Dialect::Sqlite
                        && own.node == Some(node)
                        && resolution.has_alias(item) =>
                {
                    return Spot::Replace;
                }
                _ => {}
            }
            node = parent;
        }
    }
    let top = match tree.top {
        Top::Filter(Some(clause), _) | Top::On(clause) => at(Spot::Clause(clause), None),
        Top::Filter(None, tok) => at(Spot::Where(tok), None),
        Top::Replace | Top::Guard => Spot::Replace,
    };
    match top {
        Spot::Replace => fallback(inner),
        spot => spot,
    }
}

/// Why a reference cannot become a derived table; `None` when it can.
pub(super) fn refusal(resolution: &Resolution<'_>, id: RefId) -> Option<Diagnostic> {
    let reference = &resolution.references[id];
    if matches!(reference.role, Role::InTable | Role::TableCommand(_)) {
        return None;
    }
    let item = reference.item?;
    let own = &resolution.items[item];
    let block = &resolution.blocks[own.block];
    let name = resolution.called(reference);
    let refuse = |why: String, help: &str| {
        Some(
            Diagnostic::new(
                Code::CannotScope,
                format!("the scope of `{name}` cannot be written here without changing the query"),
            )
            .at(
                resolution.span(reference),
                "a derived table would stand here",
            )
            .why(why)
            .help(help),
        )
    };
    if matches!(
        reference.role,
        Role::UpdateTarget | Role::DeleteTarget | Role::MergeTarget
    ) {
        let help = "write ON instead of USING, or give the table a name of its own";
        return refuse(
            "the table that is written cannot be replaced".to_owned(),
            help,
        );
    }
    if resolution.parsed.dialect == Dialect::Mysql && block.locked {
        let why = "MySQL does not lock rows through a derived table".to_owned();
        return refuse(why, "write ON instead of USING");
    }
    let breaks = |&other: &ItemId| {
        other != item
            && resolution.items[other].name == own.name
            && resolution.visible(other, None)
            && resolution.is_expanded(item, other)
    };
    if block.items.iter().any(breaks) {
        let why = "another table of this FROM has the same name".to_owned();
        return refuse(why, "give each of them an alias of its own");
    }
    let table_columns = reference
        .soft
        .as_ref()
        .map_or(&[][..], |soft| soft.columns.as_slice());
    for tok in block.range.start..block.range.end {
        if let Some(why) = broken_by(resolution, item, table_columns, tok) {
            return refuse(
                why,
                "write ON instead of USING, so that the scope can stand there",
            );
        }
    }
    if let Some(why) = grouped_by_key(resolution, id) {
        return refuse(
            why,
            "write ON instead of USING, or list every selected column in GROUP BY",
        );
    }
    None
}

/// What at this token a derived table would break.
fn broken_by(
    resolution: &Resolution<'_>,
    item: ItemId,
    columns: &[String],
    tok: Tok,
) -> Option<String> {
    const POSTGRES: [&str; 6] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];
    const SQLITE: [&str; 3] = ["rowid", "_rowid_", "oid"];
    if !resolution.is_name(tok) {
        return None;
    }
    let own = &resolution.items[item];
    let dialect = resolution.parsed.dialect;
    if dialect == Dialect::Sqlite && resolution.is(tok, "MATCH") {
        return Some("MATCH needs the full-text table itself".to_owned());
    }
    let name = resolution.name(tok);
    let dot = |tok: Tok| resolution.kind(tok) == Some(TokenKind::Dot);
    let before = tok > 0 && dot(tok - 1);
    let others = before && own.name != tok.checked_sub(2).map(|tok| resolution.name(tok));
    let invisible = own
        .columns
        .iter()
        .flatten()
        .any(|col| col.invisible && col.name.as_deref() == Some(&name));
    if invisible && !others {
        return Some(format!(
            "the query uses `{name}`, which is invisible: a derived table does not have it"
        ));
    }
    let hidden: &[&str] = match dialect {
        Dialect::Postgres => &POSTGRES,
        Dialect::Sqlite => &SQLITE,
        Dialect::Mysql => &[],
    };
    if hidden.contains(&name.as_str()) && !columns.contains(&name) && !others {
        return Some(format!(
            "the query uses `{name}`, which a derived table does not have"
        ));
    }
    if own.name.as_deref() != Some(&name) || resolution.explained.contains(&tok) {
        return None;
    }
    if before && dot(tok + 1) {
        return Some("the query qualifies its columns with the schema".to_owned());
    }
    let is_call = resolution.kind(tok + 1) == Some(TokenKind::LParen);
    if dialect == Dialect::Postgres
        && !before
        && !dot(tok + 1)
        && !is_call
        && !columns.contains(&name)
    {
        return Some(format!("the query uses `{name}` as a whole row"));
    }
    None
}

/// PostgreSQL: columns that depend on a key in GROUP BY do so no longer behind a derived table.
fn grouped_by_key(resolution: &Resolution<'_>, id: RefId) -> Option<String> {
    let reference = &resolution.references[id];
    let own = &resolution.items[reference.item?];
    let select = resolution.blocks[own.block].select?;
    let group = select.group_by.as_ref()?;
    let table = &resolution.schema.tables[reference.table?];
    if resolution.parsed.dialect != Dialect::Postgres || table.primary_key.is_empty() {
        return None;
    }
    let named = |range: crate::syntax::ast::Range, column: &str| {
        (range.start..range.end)
            .any(|tok| resolution.is_name(tok) && resolution.name(tok) == column)
    };
    if !table
        .primary_key
        .iter()
        .all(|column| named(group.range, column))
    {
        return None;
    }
    // HAVING, windows and ORDER BY stand behind GROUP BY.
    let behind = crate::syntax::ast::Range {
        start: group.range.end,
        end: resolution.blocks[own.block].range.end,
    };
    let dependent = table.columns.iter().any(|column| {
        !named(group.range, &column.name)
            && (named(behind, &column.name)
                || select
                    .items
                    .iter()
                    .any(|item| item.star.is_some() || named(item.range, &column.name)))
    });
    dependent.then(|| "its other columns depend on the primary key in GROUP BY".to_owned())
}
