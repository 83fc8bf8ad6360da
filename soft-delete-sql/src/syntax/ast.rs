//! The structural tree: where tables, joins, conditions and subqueries stand. Every other
//! expression stays an opaque run of tokens, with the subqueries found inside it.
//!
//! Positions are token indices into [`Parsed::tokens`](super::Parsed::tokens); trivia (white
//! space, comments) is not a token, so the first byte of the first token and the last byte of the
//! last one are exact places for edits.

/// Index of a token in [`Parsed::tokens`](super::Parsed::tokens).
pub type Tok = u32;

/// Half-open range of token indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Range {
    /// First token.
    pub start: Tok,
    /// One past the last token.
    pub end: Tok,
}

impl Range {
    /// True when the range holds no token.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// True when `tok` lies inside.
    #[must_use]
    pub const fn contains(self, tok: Tok) -> bool {
        self.start <= tok && tok < self.end
    }
}

/// An opaque expression, or a comma list of them, with what it reads.
#[derive(Debug, Clone, Default)]
pub struct Expr {
    /// The tokens of the expression.
    pub range: Range,
    /// Parenthesised queries directly inside, in source order. Their range excludes the
    /// parentheses; deeper ones are inside them.
    pub queries: Vec<Query>,
    /// SQLite: the table of `x IN t`, a read of the whole table.
    pub tables: Vec<Relation>,
}

/// A clause that holds a condition: `WHERE`, `ON`, `HAVING`, the `AND` of `WHEN MATCHED AND`.
#[derive(Debug, Clone)]
pub struct Clause {
    /// The keyword token.
    pub keyword: Tok,
    /// The condition behind it.
    pub expr: Expr,
}

/// One statement.
#[derive(Debug, Clone)]
pub enum Statement {
    /// SELECT, VALUES, TABLE, with or without WITH.
    Query(Box<Query>),
    /// INSERT or REPLACE.
    Insert(Box<Insert>),
    /// UPDATE.
    Update(Box<Update>),
    /// DELETE.
    Delete(Box<Delete>),
    /// MERGE.
    Merge(Box<Merge>),
    /// `EXPLAIN [options] statement`, or `COPY (query) TO …`: a statement inside another that
    /// adds no table reference of its own.
    Wrapped {
        /// The leading keyword.
        keyword: Tok,
        /// The statement inside.
        inner: Box<Statement>,
    },
    /// A statement kind that is recognised and never accepted as it reads or destroys a table
    /// wholesale: `TRUNCATE t`, `COPY t …`, and their kin.
    Wholesale {
        /// The leading keyword.
        keyword: Tok,
        /// The tables it names.
        tables: Vec<Relation>,
    },
    /// A statement kind that reads and writes no table rows: BEGIN, COMMIT, SET, SHOW, LISTEN,
    /// NOTIFY, PRAGMA, VACUUM, ANALYZE, REINDEX, LOCK TABLE, SAVEPOINT, RELEASE, DEALLOCATE …
    Session {
        /// The leading keyword.
        keyword: Tok,
        /// The tables that PostgreSQL's ANALYZE, VACUUM and LOCK name.
        tables: Vec<Relation>,
    },
}

/// `WITH …`.
#[derive(Debug, Clone)]
pub struct With {
    /// From WITH to the last token of the last CTE.
    pub range: Range,
    /// WITH RECURSIVE.
    pub recursive: bool,
    /// The common table expressions, in order.
    pub ctes: Vec<Cte>,
}

/// One common table expression.
#[derive(Debug, Clone)]
pub struct Cte {
    /// From the name to the last token (the parenthesis, or the SEARCH / CYCLE clause).
    pub range: Range,
    /// Its name.
    pub name: Tok,
    /// The column alias list.
    pub columns: Vec<Tok>,
    /// The statement in the parentheses; a query, or DML with RETURNING in PostgreSQL.
    pub body: Statement,
    /// SEARCH / CYCLE clauses: columns they add to the output make its columns unknown.
    pub search_or_cycle: bool,
}

/// A query expression: WITH, arms joined by set operators, ORDER BY, LIMIT, locking.
#[derive(Debug, Clone)]
pub struct Query {
    /// All its tokens, without enclosing parentheses.
    pub range: Range,
    /// WITH clause.
    pub with: Option<With>,
    /// The arms of UNION / INTERSECT / EXCEPT in source order, flat; precedence does not matter
    /// to scoping. One arm when there is no set operator.
    pub arms: Vec<Arm>,
    /// ORDER BY, LIMIT, OFFSET, FETCH: each an expression (list), keyword excluded.
    pub tail: Vec<Tail>,
    /// Locking clauses.
    pub locks: Vec<Lock>,
}

/// One operand of a set operation.
#[derive(Debug, Clone)]
pub enum Arm {
    /// SELECT …
    Select(Box<Select>),
    /// VALUES (…), (…)
    Values(Values),
    /// `TABLE t`
    Table {
        /// The TABLE keyword.
        keyword: Tok,
        /// The table read.
        relation: Relation,
    },
    /// A parenthesised query.
    Nested(Box<Query>),
}

/// `VALUES (…), (…)`; MySQL's `VALUES ROW(…)` too.
#[derive(Debug, Clone)]
pub struct Values {
    /// All its tokens.
    pub range: Range,
    /// Each row's expressions.
    pub rows: Vec<Vec<Expr>>,
}

/// ORDER BY and its kin.
#[derive(Debug, Clone)]
pub struct Tail {
    /// ORDER, LIMIT, OFFSET, FETCH … .
    pub keyword: Tok,
    /// What follows, up to the next clause.
    pub expr: Expr,
}

/// `FOR UPDATE [OF t, …] [NOWAIT | SKIP LOCKED]`, `LOCK IN SHARE MODE`.
#[derive(Debug, Clone)]
pub struct Lock {
    /// All its tokens.
    pub range: Range,
    /// The names behind OF; each a dotted name.
    pub of: Vec<Vec<Tok>>,
}

/// One SELECT block.
#[derive(Debug, Clone)]
pub struct Select {
    /// From SELECT to the last token before ORDER BY, a set operator or the end.
    pub range: Range,
    /// The SELECT keyword.
    pub keyword: Tok,
    /// DISTINCT or DISTINCT ON present.
    pub distinct: bool,
    /// The expressions of DISTINCT ON.
    pub distinct_on: Option<Expr>,
    /// The select list.
    pub items: Vec<SelectItem>,
    /// `INTO` target, as in `SELECT … INTO t`: creates a table (PostgreSQL) or writes variables.
    pub into: Option<Range>,
    /// FROM.
    pub from: Option<From>,
    /// WHERE.
    pub filter: Option<Clause>,
    /// GROUP BY, including grouping sets, ROLLUP.
    pub group_by: Option<Expr>,
    /// HAVING.
    pub having: Option<Clause>,
    /// Window definitions.
    pub windows: Option<Expr>,
}

/// One entry of a select list (or of RETURNING).
#[derive(Debug, Clone)]
pub struct SelectItem {
    /// All its tokens, alias included.
    pub range: Range,
    /// The expression without its alias. For `*` and `t.*` the star's tokens.
    pub expr: Expr,
    /// The alias, with or without AS.
    pub alias: Option<Tok>,
    /// For `*`: `Some(vec![])`; for `t.*`, `s.t.*`: the qualifier's tokens (dots left out).
    pub star: Option<Vec<Tok>>,
}

/// A FROM list (also UPDATE's and DELETE's table list, USING): one join tree over all of it.
///
/// Commas are joins of [`JoinKind::Comma`], shaped by the dialect's precedence: SQLite gives the
/// comma JOIN's own level, left-associative; PostgreSQL and MySQL a lower one.
#[derive(Debug, Clone)]
pub struct From {
    /// The tokens behind the keyword.
    pub range: Range,
    /// The nodes; children before parents. `root` is the top.
    pub nodes: Vec<Node>,
    /// Index of the top node.
    pub root: usize,
}

/// A node of a join tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// All its tokens (for a join, from the first of the left operand to the end of ON/USING).
    pub range: Range,
    /// The join or parenthesis it stands in; `None` for the root.
    pub parent: Option<usize>,
    /// What it is.
    pub kind: NodeKind,
}

/// What stands at a node of a join tree.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// A named relation: base table, view, CTE.
    Relation(Relation),
    /// `[LATERAL] (query) [AS alias]`.
    Derived {
        /// LATERAL given.
        lateral: bool,
        /// The query inside.
        query: Box<Query>,
        /// Its alias.
        alias: Option<Alias>,
    },
    /// A table function, `ROWS FROM (…)`, `JSON_TABLE(…)`, `XMLTABLE(…)`, SQLite's `json_each(x)`.
    Function {
        /// The call's tokens (also LATERAL, WITH ORDINALITY), with subqueries in the arguments.
        expr: Expr,
        /// The function's name tokens (dotted); empty for ROWS FROM.
        name: Vec<Tok>,
        /// Its alias.
        alias: Option<Alias>,
    },
    /// A join.
    Join(Join),
    /// Parentheses around a join tree, with an alias where the dialect allows one. A
    /// parenthesised query is `Derived`, not this.
    Paren {
        /// The node inside.
        inner: usize,
        /// `(a JOIN b …) AS j`.
        alias: Option<Alias>,
    },
}

/// A join of two nodes.
#[derive(Debug, Clone)]
pub struct Join {
    /// Left operand.
    pub left: usize,
    /// Right operand.
    pub right: usize,
    /// The kind.
    pub kind: JoinKind,
    /// NATURAL given.
    pub natural: bool,
    /// ON or USING.
    pub constraint: Constraint,
}

/// Join kinds as far as filtering is concerned. INNER, CROSS and `STRAIGHT_JOIN` are `Inner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Inner joins of every spelling.
    Inner,
    /// The comma of a FROM list.
    Comma,
    /// LEFT OUTER.
    Left,
    /// RIGHT OUTER.
    Right,
    /// FULL OUTER.
    Full,
}

/// The join condition.
#[derive(Debug, Clone)]
pub enum Constraint {
    /// None: CROSS, comma, NATURAL, or left out where the dialect allows.
    None,
    /// ON condition.
    On(Clause),
    /// USING (columns).
    Using(Vec<Tok>),
}

/// A named relation, wherever one can be read or written.
#[derive(Debug, Clone)]
pub struct Relation {
    /// All its tokens: ONLY, name, `*`, modifiers, alias, sample.
    pub range: Range,
    /// The parts of the dotted name, dots left out. A part can be a string token in SQLite
    /// (`FROM 't'`) and, as `ANSI_QUOTES` may be on, a double-quoted one in MySQL.
    pub name: Vec<Tok>,
    /// The tokens of the dotted name itself, dots included.
    pub name_range: Range,
    /// ONLY given: descendants are not read.
    pub only: bool,
    /// The alias.
    pub alias: Option<Alias>,
    /// PARTITION (…), INDEXED BY, NOT INDEXED, index hints, TABLESAMPLE, `FOR SYSTEM_TIME`: each an
    /// opaque run; together with the name they are what a replacement keeps inside.
    pub modifiers: Vec<Expr>,
}

/// `[AS] name [(columns)]`.
#[derive(Debug, Clone)]
pub struct Alias {
    /// All its tokens.
    pub range: Range,
    /// The name. For a function's column definition list without a name (`AS (a int)`), none.
    pub name: Option<Tok>,
    /// Column aliases (or the names of a column definition list).
    pub columns: Vec<Tok>,
}

/// INSERT or REPLACE.
#[derive(Debug, Clone)]
pub struct Insert {
    /// All its tokens.
    pub range: Range,
    /// WITH clause.
    pub with: Option<With>,
    /// INSERT or REPLACE.
    pub keyword: Tok,
    /// `REPLACE INTO`, SQLite `INSERT OR REPLACE`.
    pub replaces: bool,
    /// SQLite `OR IGNORE`, MySQL `IGNORE`.
    pub ignores: bool,
    /// The table written.
    pub target: Relation,
    /// The column list, one token (the column's name) each; `None` when there is no list.
    pub columns: Option<Vec<Tok>>,
    /// Where the rows come from.
    pub source: InsertSource,
    /// MySQL `AS new [(columns)]` behind the rows.
    pub row_alias: Option<Alias>,
    /// ON CONFLICT clauses.
    pub conflicts: Vec<Conflict>,
    /// ON DUPLICATE KEY UPDATE.
    pub on_duplicate: Option<Vec<Assignment>>,
    /// RETURNING.
    pub returning: Option<Vec<SelectItem>>,
}

/// The source of an INSERT.
#[derive(Debug, Clone)]
pub enum InsertSource {
    /// VALUES or SELECT or TABLE …
    Query(Box<Query>),
    /// DEFAULT VALUES, MySQL's `() VALUES ()`.
    Default,
    /// MySQL `SET a = 1, …`.
    Set(Vec<Assignment>),
}

/// `column = value` of SET, or `(a, b) = (…)`.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// All its tokens.
    pub range: Range,
    /// The columns assigned: each a dotted name (subscripts and fields left out).
    pub columns: Vec<Vec<Tok>>,
    /// The value.
    pub value: Expr,
}

/// One ON CONFLICT clause.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// All its tokens.
    pub range: Range,
    /// What it infers the arbiter from.
    pub target: ConflictTarget,
    /// DO NOTHING or DO UPDATE.
    pub action: ConflictAction,
}

/// The conflict target.
#[derive(Debug, Clone)]
pub enum ConflictTarget {
    /// None given.
    Any,
    /// `(a, lower(b)) [WHERE predicate]`.
    Columns {
        /// The parenthesised list, parentheses included.
        range: Range,
        /// Each index column or expression.
        items: Vec<Expr>,
        /// The index predicate.
        predicate: Option<Clause>,
    },
    /// `ON CONSTRAINT name`.
    Constraint(Tok),
}

/// The conflict action.
#[derive(Debug, Clone)]
pub enum ConflictAction {
    /// DO NOTHING.
    Nothing,
    /// DO UPDATE SET … [WHERE …].
    Update {
        /// The assignments.
        assignments: Vec<Assignment>,
        /// WHERE.
        filter: Option<Clause>,
    },
}

/// UPDATE.
#[derive(Debug, Clone)]
pub struct Update {
    /// All its tokens.
    pub range: Range,
    /// WITH clause.
    pub with: Option<With>,
    /// UPDATE.
    pub keyword: Tok,
    /// `UPDATE OR REPLACE`.
    pub replaces: bool,
    /// The table(s) before SET: one relation, or a join tree in MySQL.
    pub tables: From,
    /// SET list.
    pub assignments: Vec<Assignment>,
    /// FROM list.
    pub from: Option<From>,
    /// WHERE.
    pub filter: Option<Clause>,
    /// `WHERE CURRENT OF cursor`.
    pub current_of: bool,
    /// ORDER BY / LIMIT.
    pub tail: Vec<Tail>,
    /// RETURNING.
    pub returning: Option<Vec<SelectItem>>,
    /// Where a WHERE clause goes when there is none: insert behind the token before this one.
    pub filter_at: Tok,
}

/// DELETE.
#[derive(Debug, Clone)]
pub struct Delete {
    /// All its tokens.
    pub range: Range,
    /// WITH clause.
    pub with: Option<With>,
    /// DELETE.
    pub keyword: Tok,
    /// MySQL multi-table: the names deleted from (dotted, `.*` left out); empty otherwise.
    pub targets: Vec<Vec<Tok>>,
    /// The FROM table: one relation, or for MySQL's multi-table forms the join tree.
    pub tables: From,
    /// PostgreSQL's USING list.
    pub using: Option<From>,
    /// WHERE.
    pub filter: Option<Clause>,
    /// `WHERE CURRENT OF cursor`.
    pub current_of: bool,
    /// ORDER BY / LIMIT.
    pub tail: Vec<Tail>,
    /// RETURNING.
    pub returning: Option<Vec<SelectItem>>,
    /// As in [`Update::filter_at`].
    pub filter_at: Tok,
}

/// MERGE.
#[derive(Debug, Clone)]
pub struct Merge {
    /// All its tokens.
    pub range: Range,
    /// WITH clause.
    pub with: Option<With>,
    /// MERGE.
    pub keyword: Tok,
    /// The table written.
    pub target: Relation,
    /// USING: one relation, derived table or join tree.
    pub source: From,
    /// ON.
    pub on: Clause,
    /// WHEN clauses.
    pub whens: Vec<When>,
    /// RETURNING (PostgreSQL 17).
    pub returning: Option<Vec<SelectItem>>,
}

/// One WHEN clause of MERGE.
#[derive(Debug, Clone)]
pub struct When {
    /// All its tokens.
    pub range: Range,
    /// Which rows it takes.
    pub kind: WhenKind,
    /// `AND condition`.
    pub condition: Option<Clause>,
    /// THEN.
    pub then: Tok,
    /// What it does.
    pub action: WhenAction,
}

/// Which rows a WHEN clause takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenKind {
    /// WHEN MATCHED
    Matched,
    /// WHEN NOT MATCHED [BY TARGET]
    NotMatched,
    /// WHEN NOT MATCHED BY SOURCE
    NotMatchedBySource,
}

/// What a WHEN clause does.
#[derive(Debug, Clone)]
pub enum WhenAction {
    /// DO NOTHING
    Nothing,
    /// DELETE
    Delete,
    /// UPDATE SET …
    Update(Vec<Assignment>),
    /// INSERT [(columns)] VALUES (…) | DEFAULT VALUES
    Insert {
        /// Column list.
        columns: Option<Vec<Tok>>,
        /// The values; empty for DEFAULT VALUES.
        values: Vec<Expr>,
    },
}
