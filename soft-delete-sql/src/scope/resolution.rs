//! What the names of a statement mean: blocks, the items of their FROM trees, table references.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::condition::{Cond, Test};

use crate::{
    Dialect, Schema,
    diagnostic::Diagnostic,
    schema::Marker,
    syntax::{
        Parsed, TokenKind,
        ast::{Clause, From, Insert, Merge, Range, Relation, Select, Tok},
    },
};

/// Index into [`Resolution::references`].
pub(super) type RefId = usize;
/// Index into [`Resolution::items`].
pub(super) type ItemId = usize;
/// Index into [`Resolution::blocks`].
pub(super) type BlockId = usize;

/// A statement whose names are resolved.
pub(super) struct Resolution<'p> {
    pub(super) parsed: &'p Parsed<'p>,
    pub(super) schema: &'p Schema,
    pub(super) references: Vec<TableRef<'p>>,
    pub(super) items: Vec<Item>,
    pub(super) blocks: Vec<Block<'p>>,
    /// Tokens whose role is known; see [`super::account`].
    pub(super) explained: HashSet<Tok>,
    /// For every opening parenthesis or bracket, the token that closes it.
    pub(super) closing: Vec<Tok>,
    /// The columns the statement returns.
    pub(super) outputs: Columns,
    pub(super) errors: Vec<Diagnostic>,
    pub(super) inserts: Vec<(&'p Insert, RefId, Option<ItemId>)>,
    pub(super) updates: Vec<(&'p crate::syntax::ast::Update, BlockId)>,
    pub(super) merges: Vec<(&'p Merge, RefId)>,
    /// What conditions and their leaves were found to be: each reference asks again.
    pub(super) conditions: RefCell<HashMap<Tok, Rc<Cond>>>,
    pub(super) tests: RefCell<HashMap<Range, Option<MarkerTest>>>,
    /// The block that makes the statement's output, when it is a single one.
    pub(super) top: Option<BlockId>,
    /// The statement is a UNION ALL in whose arms SQLite would not apply conditions if it were a
    /// view.
    pub(super) weak_union: bool,
    /// Such a UNION ALL is a part of the statement.
    pub(super) weak_part: bool,
}

/// A test of a marker: as which item shows it, of which reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MarkerTest {
    pub(super) item: ItemId,
    pub(super) reference: RefId,
    pub(super) test: Test,
}

/// A table reference.
pub(super) struct TableRef<'p> {
    pub(super) relation: &'p Relation,
    /// As the schema has it.
    pub(super) name: String,
    /// Index in `Schema::tables`, for a base table.
    pub(super) table: Option<usize>,
    /// Set when the relation is soft-deletable.
    pub(super) soft: Option<Soft>,
    /// A relation through which deleted rows show and that cannot be filtered: why.
    pub(super) leaky: Option<String>,
    /// Columns that only the operations write: the marker and what records a deletion.
    pub(super) protected: Vec<String>,
    pub(super) role: Role,
    pub(super) item: Option<ItemId>,
    /// True for a CTE's name: no table read.
    pub(super) is_cte: bool,
    pub(super) is_view: bool,
    /// It is, or reads, a soft-deletable table.
    pub(super) over_soft: bool,
}

/// How a relation is filtered.
#[derive(Debug, Clone)]
pub(super) struct Soft {
    pub(super) marker: Marker,
    /// Its columns, for a custom condition.
    pub(super) columns: Vec<String>,
}

/// What a statement does to a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Read in a FROM tree.
    Read,
    /// SQLite's `x IN t`.
    InTable,
    /// `TABLE t`, with its keyword.
    TableCommand(Tok),
    /// UPDATE's table.
    UpdateTarget,
    /// DELETE's table.
    DeleteTarget,
    /// Written only.
    InsertTarget,
    /// INSERT … DO UPDATE / ON DUPLICATE KEY: may update a row that exists.
    UpsertTarget,
    /// MERGE INTO.
    MergeTarget,
    /// TRUNCATE, COPY.
    Wholesale,
}

/// A SELECT block, or the body of a DML statement: one scope of names.
pub(super) struct Block<'p> {
    pub(super) range: Range,
    pub(super) trees: Vec<Tree<'p>>,
    pub(super) items: Vec<ItemId>,
    /// WHERE.
    pub(super) filter: Option<&'p Clause>,
    pub(super) select: Option<&'p Select>,
    pub(super) locked: bool,
    /// The items that read its output; known only when it is one SELECT with FROM and WHERE alone.
    pub(super) consumers: Vec<ItemId>,
    pub(super) transparent: bool,
    /// A use that filters nothing (`x IN cte`).
    pub(super) used_whole: bool,
    /// MERGE, when the block is one.
    pub(super) merge: Option<&'p Merge>,
}

/// One join tree of a block.
pub(super) struct Tree<'p> {
    /// `None` for a single relation that stands in no FROM list (targets of INSERT and MERGE).
    pub(super) from: Option<&'p From>,
    pub(super) top: Top<'p>,
}

/// Where a predicate goes that was carried to the top of a tree.
#[derive(Clone, Copy)]
pub(super) enum Top<'p> {
    /// WHERE: the clause, or behind the token before this one.
    Filter(Option<&'p Clause>, Tok),
    /// MERGE's ON.
    On(&'p Clause),
    /// Nowhere: replace the reference.
    Replace,
    /// Nowhere, and nothing to replace: upsert targets have rules of their own.
    Guard,
}

/// Something a FROM tree exposes under a name.
pub(super) struct Item {
    pub(super) block: BlockId,
    pub(super) tree: usize,
    pub(super) node: Option<usize>,
    /// Its name, folded.
    pub(super) name: Option<String>,
    /// How a column of it is qualified, as written.
    pub(super) qualifier: String,
    /// Its schema, when it is unaliased and written with one.
    pub(super) schema: Option<String>,
    pub(super) columns: Columns,
    pub(super) reference: Option<RefId>,
    /// Found by a qualified name only (`excluded`).
    pub(super) qualified_only: bool,
}

/// Columns of an item or output; `None` when they cannot be known.
pub(super) type Columns = Option<Vec<Col>>;

/// A column.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is known of a column by itself"
)]
#[derive(Debug, Clone, Default)]
pub(super) struct Col {
    /// `None` for an expression without alias: its name is the database's choice.
    pub(super) name: Option<String>,
    /// The tokens of such an expression that the name may come from.
    pub(super) spelled: Vec<Range>,
    /// Or it may come from elsewhere: PostgreSQL calls `(SELECT * FROM t)` as t's column is called.
    pub(super) any_name: bool,
    /// The reference whose marker this column is, unchanged.
    pub(super) marker_of: Option<RefId>,
    /// It is, unchanged, a column that only the operations write.
    pub(super) protected: bool,
    /// `*` leaves it out.
    pub(super) invisible: bool,
    /// Named by an alias list, where nothing else is known: others may follow, which have names of
    /// their own.
    pub(super) followed: bool,
}

impl Resolution<'_> {
    pub(super) fn text(&self, tok: Tok) -> &str {
        self.parsed.text(tok)
    }

    pub(super) fn name(&self, tok: Tok) -> String {
        self.parsed.name(tok)
    }

    pub(super) fn kind(&self, tok: Tok) -> Option<TokenKind> {
        self.parsed.tokens.get(tok as usize).map(|token| token.kind)
    }

    pub(super) fn is(&self, tok: Tok, keyword: &str) -> bool {
        self.parsed
            .tokens
            .get(tok as usize)
            .is_some_and(|token| token.is(self.parsed.sql, keyword))
    }

    /// True for an operator token of this text.
    pub(super) fn is_op(&self, tok: Tok, op: &str) -> bool {
        self.kind(tok) == Some(TokenKind::Op) && self.text(tok) == op
    }

    /// True for a token that can be a name.
    pub(super) fn is_name(&self, tok: Tok) -> bool {
        matches!(self.kind(tok), Some(TokenKind::Word | TokenKind::Quoted))
    }

    /// The range without parentheses that enclose all of it.
    pub(super) fn strip_parens(&self, mut range: Range) -> Range {
        while self.kind(range.start) == Some(TokenKind::LParen)
            && self.closing[range.start as usize] + 1 == range.end
        {
            range = Range {
                start: range.start + 1,
                end: range.end - 1,
            };
        }
        range
    }

    /// True when some column may be called `name`.
    pub(super) fn may_have(&self, columns: &Columns, name: &str) -> bool {
        columns
            .as_ref()
            .is_none_or(|columns| columns.iter().any(|col| self.may_be(col, name)))
    }

    /// True when a column is, or may turn out to be, called `name`.
    pub(super) fn may_be(&self, col: &Col, name: &str) -> bool {
        if let Some(own) = &col.name {
            return own == name;
        }
        // MySQL calls a column by the text of a string as well.
        let is_mysql = self.parsed.dialect == Dialect::Mysql;
        let spells = |tok| (self.is_name(tok) || is_mysql) && self.name(tok) == name;
        let mut ranges = col.spelled.iter();
        col.any_name || ranges.any(|range| (range.start..range.end).any(spells))
    }

    /// Soft-deletable references, in source order.
    pub(super) fn soft(&self) -> impl Iterator<Item = (RefId, &TableRef<'_>)> {
        let references = self.references.iter().enumerate();
        references.filter(|(_, reference)| reference.soft.is_some())
    }

    /// The dotted name of a relation as it is written in front of a column: as in the statement,
    /// but a string (SQLite's `FROM 't'`) becomes a quoted name.
    pub(super) fn written(&self, relation: &Relation) -> String {
        let parts: Vec<String> = relation.name.iter().map(|&tok| self.spelled(tok)).collect();
        parts.join(".")
    }

    /// A token of a name as written; a string as a quoted name.
    pub(super) fn spelled(&self, tok: Tok) -> String {
        if self.kind(tok) == Some(TokenKind::String) {
            return self.parsed.dialect.quote(&self.name(tok));
        }
        self.text(tok).to_owned()
    }

    /// True for a named relation with an alias.
    pub(super) fn has_alias(&self, item: ItemId) -> bool {
        self.items[item]
            .reference
            .is_some_and(|id| self.references[id].relation.alias.is_some())
    }

    /// The alias of a reference, folded.
    pub(super) fn alias(&self, reference: &TableRef<'_>) -> Option<String> {
        let alias = reference.relation.alias.as_ref()?;
        alias.name.map(|tok| self.name(tok))
    }

    /// How the user calls a reference: its alias, else its name as written.
    pub(super) fn called(&self, reference: &TableRef<'_>) -> String {
        let alias = reference
            .relation
            .alias
            .as_ref()
            .and_then(|alias| alias.name);
        match alias.or_else(|| reference.relation.name.last().copied()) {
            Some(tok) => self.name(tok),
            None => reference.name.clone(),
        }
    }

    /// The bytes of a reference's name.
    pub(super) fn span(&self, reference: &TableRef<'_>) -> std::ops::Range<usize> {
        self.parsed.bytes(reference.relation.name_range)
    }
}

/// For every opening parenthesis or bracket the token that closes it; tokens of other kinds map
/// to themselves.
pub(super) fn closings(parsed: &Parsed<'_>) -> Vec<Tok> {
    let mut closing: Vec<Tok> =
        (0..u32::try_from(parsed.tokens.len()).unwrap_or(u32::MAX)).collect();
    let mut open = Vec::new();
    for (at, token) in parsed.tokens.iter().enumerate() {
        match token.kind {
            TokenKind::LParen | TokenKind::LBracket => open.push(at),
            TokenKind::RParen | TokenKind::RBracket => {
                if let Some(start) = open.pop() {
                    closing[start] = u32::try_from(at).unwrap_or(u32::MAX);
                }
            }
            _ => {}
        }
    }
    closing
}
