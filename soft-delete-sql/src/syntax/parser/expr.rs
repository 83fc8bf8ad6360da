//! Expressions: opaque runs of tokens, with the queries in them and the words that end them.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Clause, Expr, Range, Relation, Tok},
        keyword,
    },
};

/// What ends an expression outside all parentheses, apart from the clauses that always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// A comma, AS, USING.
    One,
    /// As `One`, and the words that begin a join.
    Join,
    /// Nothing more: commas belong to it.
    List,
    /// Nothing at all: the caller knows its last token.
    Never,
}

/// An expression, and what its last token may be instead.
pub(super) struct Scanned {
    pub(super) expr: Expr,
    /// The last token, when it reads as an alias without AS.
    pub(super) label: Option<Tok>,
}

/// Where the scan stands.
struct Scan {
    expr: Expr,
    ends: Ends,
    /// CASEs open around each open parenthesis.
    outer_cases: Vec<u32>,
    /// CASEs open inside the innermost one.
    cases: u32,
    /// `{` of ODBC that are open.
    braces: u32,
    /// True behind an operand: a word there is an operator, an alias, or ends the expression.
    operand: bool,
    label: Option<Tok>,
}

impl Parser<'_> {
    /// One expression, which must not be empty.
    pub(super) fn expr(&mut self, ends: Ends) -> Parse<Expr> {
        Ok(self.scan(ends)?.expr)
    }

    /// A clause whose keyword is the current token.
    pub(super) fn clause(&mut self, ends: Ends) -> Parse<Clause> {
        let keyword = self.at;
        self.at += 1;
        let expr = self.expr(ends)?;
        Ok(Clause { keyword, expr })
    }

    /// A clause, if its keyword is the current token.
    pub(super) fn clause_at(&mut self, kw: Kw) -> Parse<Option<Clause>> {
        if self.kw(0) != kw {
            return Ok(None);
        }
        self.clause(Ends::One).map(Some)
    }

    /// The tokens from `start` up to the current one, which are known to be an expression.
    pub(super) fn opaque(&mut self, start: Tok) -> Parse<Expr> {
        let end = std::mem::replace(&mut self.end, self.at);
        self.at = start;
        let expr = if start < self.end {
            self.expr(Ends::Never)?
        } else {
            Expr::default()
        };
        self.end = end;
        Ok(Expr {
            range: self.since(start),
            ..expr
        })
    }

    /// Moves behind the parentheses that open at the current token.
    pub(super) fn skip_paren(&mut self) -> Parse<()> {
        self.expect_paren()?;
        self.at = self.parens.close(self.at) + 1;
        Ok(())
    }

    /// The expressions between the parentheses that open at the current token; there may be none.
    pub(super) fn expr_list(&mut self) -> Parse<Vec<Expr>> {
        self.expect_paren()?;
        self.inside(|parser| {
            let mut list = Vec::new();
            while !parser.ended() {
                list.push(parser.expr(Ends::One)?);
                if !parser.eat_kind(TokenKind::Comma) {
                    break;
                }
            }
            Ok(list)
        })
    }

    pub(super) fn scan(&mut self, ends: Ends) -> Parse<Scanned> {
        let start = self.at;
        let mut scan = Scan {
            expr: Expr::default(),
            ends,
            outer_cases: Vec::new(),
            cases: 0,
            braces: 0,
            operand: false,
            label: None,
        };
        while !self.ended() && !self.ends_here(&scan) {
            self.step(&mut scan)?;
        }
        if self.at == start {
            return Err(self.unexpected("an expression"));
        }
        if scan.cases > 0 {
            return Err(self.unexpected("the END of CASE"));
        }
        scan.expr.range = self.since(start);
        Ok(Scanned {
            expr: scan.expr,
            label: scan.label,
        })
    }

    fn step(&mut self, scan: &mut Scan) -> Parse<()> {
        scan.label = None;
        let token = self.tokens[self.at as usize];
        match token.kind {
            TokenKind::LParen if self.parens.is_query(self.at) => {
                let query = self.parenthesised_query()?;
                scan.expr.queries.push(*query);
                scan.operand = true;
                return Ok(());
            }
            TokenKind::LParen | TokenKind::LBracket => {
                scan.outer_cases.push(std::mem::take(&mut scan.cases));
                scan.operand = false;
            }
            TokenKind::RParen | TokenKind::RBracket => {
                if scan.cases > 0 {
                    return Err(self.unexpected("the END of CASE"));
                }
                scan.cases = scan.outer_cases.pop().unwrap_or(0);
                scan.operand = true;
            }
            TokenKind::Dot => {
                // What follows is a name or a star, whatever it spells.
                let skipped = self.is_name(1) || self.is_op(1, "*");
                self.at += 1 + Tok::from(skipped);
                scan.operand = true;
                return Ok(());
            }
            TokenKind::Comma | TokenKind::Semicolon => scan.operand = false,
            TokenKind::Op => {
                match token.text(self.sql) {
                    "{" => scan.braces += 1,
                    "}" => scan.braces = scan.braces.saturating_sub(1),
                    _ => {}
                }
                scan.operand = token.text(self.sql) == "}";
            }
            TokenKind::Quoted | TokenKind::String => {
                self.note_label(scan);
                scan.operand = true;
            }
            TokenKind::Number | TokenKind::Param => scan.operand = true,
            TokenKind::Word => return self.word_step(scan),
        }
        self.at += 1;
        Ok(())
    }

    fn word_step(&mut self, scan: &mut Scan) -> Parse<()> {
        let kw = self.kw(0);
        match kw {
            _ if self.is_reserved_label(scan) => self.note_label(scan),
            Kw::Select | Kw::Table => {
                return Err(self.fault(
                    self.at,
                    "a query where an expression goes on",
                    "this must stand behind an opening parenthesis",
                    "put parentheses around the query",
                ));
            }
            Kw::Case => {
                scan.cases += 1;
                scan.operand = false;
            }
            Kw::End if scan.cases > 0 && scan.operand => {
                scan.cases -= 1;
            }
            Kw::In if self.dialect == Dialect::Sqlite => {
                self.at += 1;
                scan.operand = false;
                return self.in_table(scan);
            }
            Kw::And
            | Kw::Or
            | Kw::Not
            | Kw::Is
            | Kw::In
            | Kw::Like
            | Kw::Between
            | Kw::To
            | Kw::Collate
            | Kw::When
            | Kw::Then
            | Kw::Else
            | Kw::Distinct
            | Kw::From
            | Kw::As => scan.operand = false,
            Kw::Over => scan.operand = !(scan.operand && self.is_name(1)),
            Kw::Zone
                if scan.operand && self.at > 0 && self.words[self.at as usize - 1] == Kw::Time =>
            {
                let at = self.at as usize;
                scan.operand = at < 2 || self.words[at - 2] != Kw::At;
            }
            _ if self.is_infix(scan) => scan.operand = false,
            _ => {
                self.note_label(scan);
                scan.operand = true;
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Words that are operators in one dialect, or names where an operand is wanted.
    fn is_infix(&self, scan: &Scan) -> bool {
        let dialect = match self.kw(0) {
            Kw::Ilike | Kw::Similar => Dialect::Postgres,
            Kw::Glob | Kw::Match => Dialect::Sqlite,
            Kw::Regexp if self.dialect == Dialect::Sqlite => Dialect::Sqlite,
            Kw::Regexp | Kw::Xor | Kw::Div | Kw::Mod | Kw::Rlike => Dialect::Mysql,
            Kw::Escape => self.dialect,
            _ => return false,
        };
        let negated = self.at > 0 && self.words[self.at as usize - 1] == Kw::Not;
        dialect == self.dialect && (scan.operand || negated)
    }

    /// PostgreSQL lets even reserved words label a column without AS: `SELECT a desc, b when`.
    fn is_reserved_label(&self, scan: &Scan) -> bool {
        self.dialect == Dialect::Postgres
            && scan.operand
            && scan.ends == Ends::One
            && scan.cases == 0
            && self.kw(0) != Kw::Zone
            && scan.outer_cases.is_empty()
            && matches!(
                self.kind(1),
                None | Some(TokenKind::Comma | TokenKind::Word)
            )
            && (!self.is(1, TokenKind::Word)
                || matches!(self.kw(1), Kw::From | Kw::Where | Kw::Into))
            && self.is_word_label()
    }

    fn is_word_label(&self) -> bool {
        self.peek(0)
            .is_some_and(|token| keyword::labels_column(self.dialect, token.text(self.sql)))
    }

    /// Takes note of the current token when, as the last one, it would be an alias.
    fn note_label(&self, scan: &mut Scan) {
        let at = self.at as usize;
        if !scan.operand || !scan.outer_cases.is_empty() {
            return;
        }
        let token = self.tokens[at];
        let labels = match token.kind {
            TokenKind::Word => {
                keyword::labels_column(self.dialect, token.text(self.sql))
                    && !self.ends_interval(token.text(self.sql))
            }
            TokenKind::Quoted => true,
            // `_utf8'x'`, `DATE '2020-01-01'` and `'a' 'b'` are one value in MySQL.
            TokenKind::String if self.dialect == Dialect::Mysql => {
                let before = self.tokens[at - 1];
                let text = before.text(self.sql);
                before.kind != TokenKind::String
                    && !text.starts_with('_')
                    && !["date", "time", "timestamp"]
                        .iter()
                        .any(|unit| text.eq_ignore_ascii_case(unit))
            }
            TokenKind::String => self.dialect == Dialect::Sqlite,
            _ => false,
        };
        if labels {
            scan.label = Some(self.at);
        }
    }

    /// MySQL's `INTERVAL 1 DAY`: the unit is no alias.
    fn ends_interval(&self, word: &str) -> bool {
        const UNITS: &[&str] = &[
            "microsecond",
            "second",
            "minute",
            "hour",
            "day",
            "week",
            "month",
            "quarter",
            "year",
        ];
        self.dialect == Dialect::Mysql
            && UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit))
            && self.words[self.at.saturating_sub(16) as usize..self.at as usize]
                .contains(&Kw::Interval)
    }

    /// SQLite's `x IN t`, a read of the table; the current token stands behind IN.
    fn in_table(&mut self, scan: &mut Scan) -> Parse<()> {
        if !self.is_table_name(0) {
            return Ok(());
        }
        let start = self.at;
        let name = self.dotted()?;
        scan.operand = true;
        if self.is(0, TokenKind::LParen) {
            // A table function: its arguments go on as part of the expression.
            return Ok(());
        }
        let range = self.since(start);
        scan.expr.tables.push(Relation {
            range,
            name,
            name_range: range,
            only: false,
            alias: None,
            modifiers: Vec::new(),
        });
        Ok(())
    }

    /// True when the current token ends the expression.
    fn ends_here(&self, scan: &Scan) -> bool {
        if !scan.outer_cases.is_empty() || scan.ends == Ends::Never {
            return false;
        }
        match self.kind(0) {
            Some(TokenKind::Comma) => scan.ends != Ends::List,
            Some(TokenKind::Op) => scan.braces == 0 && self.is_op(0, "}"),
            Some(TokenKind::Word) => self.word_ends(scan) && !self.is_reserved_label(scan),
            _ => false,
        }
    }

    fn word_ends(&self, scan: &Scan) -> bool {
        let postgres = self.dialect == Dialect::Postgres;
        let mysql = self.dialect == Dialect::Mysql;
        match self.kw(0) {
            Kw::From => !(self.is_distinct_from() || mysql && self.is_from_first()),
            Kw::Where
            | Kw::Having
            | Kw::Union
            | Kw::Intersect
            | Kw::Except
            | Kw::Limit
            | Kw::Into
            | Kw::Join
            | Kw::On => true,
            Kw::Group | Kw::Order => self.kw(1) == Kw::By,
            Kw::Returning => !mysql || scan.operand,
            Kw::As | Kw::Using => scan.ends != Ends::List,
            Kw::When | Kw::Then => scan.cases == 0,
            Kw::Window => postgres || scan.operand && self.is_name(1) && self.kw(2) == Kw::As,
            Kw::Offset => {
                postgres
                    || scan.operand
                        && (scan.ends == Ends::List
                            || matches!(self.kind(1), Some(TokenKind::Number | TokenKind::Param)))
            }
            Kw::Fetch => {
                postgres || mysql && scan.operand && matches!(self.kw(1), Kw::First | Kw::Next)
            }
            // `COLLATION FOR (…)` is a function.
            Kw::For => {
                (postgres || mysql) && !self.is(1, TokenKind::LParen) && !self.is_value_for()
            }
            Kw::Lock => mysql,
            Kw::Do => matches!(self.kw(1), Kw::Nothing | Kw::Update),
            Kw::Inner | Kw::Cross | Kw::Left | Kw::Right | Kw::Natural => {
                scan.ends == Ends::Join && scan.operand
            }
            Kw::Full => scan.ends == Ends::Join && scan.operand && !mysql,
            Kw::StraightJoin | Kw::Set => scan.ends == Ends::Join && mysql,
            _ => false,
        }
    }

    /// True at the FROM of `IS [NOT] DISTINCT FROM`.
    fn is_distinct_from(&self) -> bool {
        let at = self.at as usize;
        at >= 2
            && self.words[at - 1] == Kw::Distinct
            && matches!(self.words[at - 2], Kw::Is | Kw::Not)
    }

    /// True at the FOR of MariaDB's `NEXT VALUE FOR sequence`, `PREVIOUS VALUE FOR sequence`.
    fn is_value_for(&self) -> bool {
        let at = self.at as usize;
        self.dialect == Dialect::Mysql
            && at >= 2
            && self.words[at - 1] == Kw::Value
            && matches!(self.words[at - 2], Kw::Next | Kw::Previous)
    }

    /// True at the FROM of MySQL's `NTH_VALUE(…) FROM FIRST OVER …`.
    fn is_from_first(&self) -> bool {
        self.kw(1) == Kw::First
            && (self.kw(2) == Kw::Over
                || matches!(self.kw(2), Kw::Respect | Kw::Ignore) && self.kw(3) == Kw::Nulls)
    }
}

impl Scanned {
    /// The expression without the alias that its last token is.
    pub(super) fn split_label(self) -> (Expr, Option<Tok>) {
        let Some(label) = self.label else {
            return (self.expr, None);
        };
        let range = Range {
            start: self.expr.range.start,
            end: label,
        };
        (Expr { range, ..self.expr }, Some(label))
    }
}
