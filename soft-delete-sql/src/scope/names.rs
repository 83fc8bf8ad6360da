//! Column names: which item of a block a column belongs to, seen from one place of it.

use super::resolution::{BlockId, Col, ItemId, Resolution};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Constraint, From, JoinKind, NodeKind, Range, Tok},
    },
};

/// A place names are seen from: the ON of a join (tree, node), or `None` for the whole block.
pub(super) type Place = Option<(usize, usize)>;

/// What lies between a node and its parent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Every row of the node is a row of the parent, or is dropped by its condition.
    Inner,
    /// Every row of the node is in the parent at least once.
    Preserved,
    /// Rows of the node may be replaced by NULLs.
    Nullable,
    /// FULL JOIN: both.
    Full,
    /// Parentheses, with or without an alias.
    Paren(bool),
}

/// The edge from `node` to its parent, and the parent.
pub(super) fn edge(from: &From, node: usize) -> Option<(usize, Edge)> {
    let parent = from.nodes[node].parent?;
    let edge = match &from.nodes[parent].kind {
        NodeKind::Join(join) => match (join.kind, join.left == node) {
            (JoinKind::Inner | JoinKind::Comma, _) => Edge::Inner,
            (JoinKind::Left, true) | (JoinKind::Right, false) => Edge::Preserved,
            (JoinKind::Left, false) | (JoinKind::Right, true) => Edge::Nullable,
            (JoinKind::Full, _) => Edge::Full,
        },
        NodeKind::Paren { alias, .. } => Edge::Paren(alias.is_some()),
        NodeKind::Relation(_) | NodeKind::Derived { .. } | NodeKind::Function { .. } => {
            return None;
        }
    };
    Some((parent, edge))
}

/// True when `ancestor` is `node` or stands above it.
pub(super) fn is_under(from: &From, ancestor: usize, mut node: usize) -> bool {
    loop {
        if node == ancestor {
            return true;
        }
        match from.nodes[node].parent {
            Some(parent) => node = parent,
            None => return false,
        }
    }
}

/// The innermost parentheses around a node.
fn parentheses(from: &From, mut node: usize) -> Option<usize> {
    while let Some((parent, edge)) = edge(from, node) {
        if matches!(edge, Edge::Paren(_)) {
            return Some(parent);
        }
        node = parent;
    }
    None
}

/// True for the first operand of a FROM list, or of the parentheses it stands in.
pub(super) fn is_first(from: &From, mut node: usize) -> bool {
    while let Some(parent) = from.nodes[node].parent {
        match &from.nodes[parent].kind {
            NodeKind::Join(join) if join.left == node => node = parent,
            NodeKind::Join(_) => return false,
            _ => return true,
        }
    }
    true
}

/// The outermost of the parentheses that hold this node and nothing else, and whether they have
/// an alias.
pub(super) fn sole_parentheses(from: &From, mut node: usize) -> Option<(usize, bool)> {
    let mut found = None;
    while let Some((parent, Edge::Paren(alias))) = edge(from, node) {
        found = Some((parent, alias));
        if alias {
            break;
        }
        node = parent;
    }
    found
}

impl<'p> Resolution<'p> {
    pub(super) fn tree_of(&self, item: ItemId) -> Option<&'p From> {
        let item = &self.items[item];
        self.blocks[item.block].trees.get(item.tree)?.from
    }

    /// True when every row of the item that is not dropped by a condition reaches the top of its
    /// tree: through inner joins and preserved sides only.
    pub(super) fn reaches_top(&self, item: ItemId) -> bool {
        let (Some(from), Some(mut node)) = (self.tree_of(item), self.items[item].node) else {
            return true;
        };
        while let Some((parent, edge)) = edge(from, node) {
            if matches!(edge, Edge::Nullable | Edge::Full) {
                return false;
            }
            node = parent;
        }
        true
    }

    /// Whether two items of one name cannot stand in a FROM where one of them is a derived table.
    /// SQLite reads them, but expands no `*`: that of SELECT, or its own of a join in parentheses.
    pub(super) fn is_expanded(&self, item: ItemId, other: ItemId) -> bool {
        if self.parsed.dialect != Dialect::Sqlite {
            return true;
        }
        let (own, other) = (&self.items[item], &self.items[other]);
        let select = self.blocks[own.block].select;
        if select.is_some_and(|select| select.items.iter().any(|item| item.star.is_some())) {
            return true;
        }
        let (Some(from), Some(node), Some(beside)) = (self.tree_of(item), own.node, other.node)
        else {
            return false;
        };
        let mut around = node;
        while let Some(paren) = parentheses(from, around) {
            if own.tree == other.tree && is_under(from, paren, beside) {
                return true;
            }
            around = paren;
        }
        false
    }

    /// The tokens of `[[s.]t.]c` when the range is exactly a column name.
    pub(super) fn column_parts(&self, range: Range) -> Option<Vec<Tok>> {
        let (parts, end) = self.column_at(range.start, range.end)?;
        (end == range.end).then_some(parts)
    }

    /// A column name that begins at `start`, possibly in parentheses; and the token behind it.
    pub(super) fn column_at(&self, start: Tok, end: Tok) -> Option<(Vec<Tok>, Tok)> {
        if self.kind(start) == Some(TokenKind::LParen) {
            let close = self.closing[start as usize];
            if close >= end {
                return None;
            }
            let inner = self.strip_parens(Range {
                start,
                end: close + 1,
            });
            if self.kind(inner.start) == Some(TokenKind::LParen) {
                return None;
            }
            let (parts, behind) = self.column_at(inner.start, inner.end)?;
            return (behind == inner.end).then_some((parts, close + 1));
        }
        let mut parts = Vec::new();
        let mut at = start;
        loop {
            if at >= end || !self.is_name(at) || (parts.is_empty() && self.is_literal_word(at)) {
                return None;
            }
            parts.push(at);
            at += 1;
            if self.kind(at) != Some(TokenKind::Dot) {
                break;
            }
            at += 1;
        }
        // A call is no column.
        (self.kind(at) != Some(TokenKind::LParen)).then_some((parts, at))
    }

    fn is_literal_word(&self, tok: Tok) -> bool {
        ["NULL", "TRUE", "FALSE", "EXISTS", "DEFAULT"]
            .iter()
            .any(|word| self.is(tok, word))
    }

    /// The item and column a name means, seen from a place of the block. `None` when it is bound
    /// to an outer block, ambiguous, or not certain.
    pub(super) fn resolve_column(
        &self,
        block: BlockId,
        place: Place,
        parts: &[Tok],
    ) -> Option<(ItemId, String)> {
        let (&last, qualifier) = parts.split_last()?;
        let name = self.name(last);
        let mut found = None;
        let qualifier: Vec<String> = qualifier.iter().map(|&tok| self.name(tok)).collect();
        for &item in &self.blocks[block].items {
            if !self.matches(item, &qualifier, &name) || !self.visible(item, place) {
                continue;
            }
            if found.is_some() {
                return None;
            }
            found = Some(item);
        }
        let item = found?;
        self.column(item, &name)?;
        Some((item, name))
    }

    /// Could the name belong to this item?
    fn matches(&self, item: ItemId, qualifier: &[String], name: &str) -> bool {
        let item = &self.items[item];
        match qualifier {
            [] => !item.qualified_only && self.may_have(&item.columns, name),
            [table] => item.name.as_ref() == Some(table),
            [.., schema, table] => {
                item.name.as_ref() == Some(table) && item.schema.as_ref() == Some(schema)
            }
        }
    }

    /// The column of this name, when there is exactly one and no other may turn out to be it.
    pub(super) fn column(&self, item: ItemId, name: &str) -> Option<&Col> {
        let columns = self.items[item].columns.as_ref()?;
        let mut found = columns.iter().filter(|col| self.may_be(col, name));
        let col = found.next()?;
        (found.next().is_none() && col.name.as_deref() == Some(name)).then_some(col)
    }

    /// Can the item be named from this place?
    pub(super) fn visible(&self, item: ItemId, place: Place) -> bool {
        let own = &self.items[item];
        let (Some(from), Some(node)) = (self.tree_of(item), own.node) else {
            return true;
        };
        let inside = |paren: usize| {
            place.is_some_and(|(tree, at)| tree == own.tree && is_under(from, paren, at))
        };
        // The alias of parentheses is no name inside them.
        if inside(node) {
            return false;
        }
        let mut at = node;
        while let Some((parent, edge)) = edge(from, at) {
            if edge == Edge::Paren(true) && !inside(parent) {
                return false;
            }
            at = parent;
        }
        match place {
            // An ON sees its own operands; SQLite resolves it over the whole FROM, or over the
            // parentheses it stands in.
            Some((tree, join)) if self.parsed.dialect != Dialect::Sqlite => {
                tree == own.tree && is_under(from, join, node)
            }
            Some((tree, join)) if tree == own.tree => {
                parentheses(from, join).is_none_or(|paren| is_under(from, paren, node))
            }
            _ => true,
        }
    }

    /// True when columns of this item can be written with its qualifier at this place.
    pub(super) fn addressable(&self, item: ItemId, place: Place) -> bool {
        let own = &self.items[item];
        let mut called_so = self.blocks[own.block]
            .items
            .iter()
            .filter(|&&other| self.items[other].name == own.name)
            .filter(|&&other| self.visible(other, place));
        called_so.next() == Some(&item) && called_so.next().is_none()
    }

    /// True when a USING list or a NATURAL join of the block merges columns of this name.
    pub(super) fn merges(&self, block: BlockId, name: &str) -> bool {
        self.blocks[block]
            .trees
            .iter()
            .filter_map(|tree| tree.from)
            .any(|from| {
                from.nodes.iter().any(|node| match &node.kind {
                    NodeKind::Join(join) => match &join.constraint {
                        Constraint::Using(names) => names.iter().any(|&tok| self.name(tok) == name),
                        _ => join.natural,
                    },
                    _ => false,
                })
            })
    }
}
