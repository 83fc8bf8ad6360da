//! Statements around others, and those that touch no rows.

use super::{Kw, Parse, Parser};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Relation, Statement, Tok},
    },
};

/// True when the statement that begins with `word` hands no table's rows to the application and
/// changes none.
pub(super) fn is_session(dialect: Dialect, word: &str) -> bool {
    let common = matches!(
        word,
        "begin" | "commit" | "rollback" | "savepoint" | "release" | "analyze" | "end"
    );
    let own = match dialect {
        Dialect::Postgres => matches!(
            word,
            "abort"
                | "analyse"
                | "checkpoint"
                | "close"
                | "deallocate"
                | "discard"
                | "listen"
                | "lock"
                | "move"
                | "notify"
                | "reindex"
                | "reset"
                | "set"
                | "show"
                | "start"
                | "unlisten"
                | "vacuum"
        ),
        Dialect::Sqlite => matches!(word, "pragma" | "vacuum" | "reindex" | "attach" | "detach"),
        Dialect::Mysql => matches!(
            word,
            "check"
                | "checksum"
                | "flush"
                | "kill"
                | "lock"
                | "optimize"
                | "repair"
                | "reset"
                | "set"
                | "show"
                | "start"
                | "unlock"
                | "use"
                | "xa"
        ),
    };
    common || own
}

impl Parser<'_> {
    /// Takes the rest of a statement that touches no rows. A query in it, as in MySQL's
    /// `SET @a = (SELECT …)`, would.
    pub(super) fn session(&mut self) -> Parse<Statement> {
        let keyword = self.at;
        let tables = self.maintained()?;
        while !self.ended() {
            if self.kw(0) == Kw::Select || self.parens.is_query(self.at) {
                return Err(self.fault(
                    self.at,
                    "a query inside this kind of statement is not supported",
                    "it reads tables without a scope",
                    "run the query by itself, and bind its result",
                ));
            }
            self.at += 1;
        }
        Ok(Statement::Session { keyword, tables })
    }

    /// The tables of `ANALYZE t (a), u`, `VACUUM FULL t`, `LOCK TABLE t IN … MODE`.
    fn maintained(&mut self) -> Parse<Vec<Relation>> {
        let mut tables = Vec::new();
        if self.dialect != Dialect::Postgres {
            return Ok(tables);
        }
        if self.eat_word("lock") {
            self.eat(Kw::Table);
        } else if ["analyze", "analyse", "vacuum"]
            .iter()
            .any(|word| self.eat_word(word))
        {
            if self.is(0, TokenKind::LParen) {
                self.skip_paren()?;
            }
            let options = ["full", "freeze", "verbose", "analyze", "analyse"];
            while options.iter().any(|word| self.eat_word(word)) {}
        } else {
            return Ok(tables);
        }
        while !self.ended() {
            tables.push(self.table_name()?);
            if self.is(0, TokenKind::LParen) {
                self.skip_paren()?;
            }
            if !self.eat_kind(TokenKind::Comma) {
                break;
            }
        }
        Ok(tables)
    }

    fn wrapped(&mut self, keyword: Tok) -> Parse<Statement> {
        let inner = Box::new(self.statement()?);
        Ok(Statement::Wrapped { keyword, inner })
    }

    /// EXPLAIN in each dialect's spelling; MySQL's `DESCRIBE t` shows a table's columns.
    pub(super) fn explain(&mut self) -> Parse<Statement> {
        let keyword = self.at;
        self.at += 1;
        match self.dialect {
            Dialect::Postgres => {
                if self.is(0, TokenKind::LParen) && !self.parens.is_query(self.at) {
                    self.skip_paren()?;
                } else {
                    while self.is_word(0, "analyze")
                        || self.is_word(0, "analyse")
                        || self.is_word(0, "verbose")
                    {
                        self.at += 1;
                    }
                }
            }
            Dialect::Sqlite => {
                if self.eat_word("query") {
                    self.at += Tok::from(self.is_word(0, "plan"));
                }
            }
            Dialect::Mysql => {
                self.explain_options();
                if !self.at_statement() {
                    self.at = keyword;
                    return self.session();
                }
            }
        }
        self.wrapped(keyword)
    }

    fn explain_options(&mut self) {
        loop {
            if self.is_word(0, "format") && self.is_op(1, "=") {
                self.at += 3;
            } else if ["analyze", "extended", "partitions"]
                .iter()
                .any(|word| self.is_word(0, word))
            {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// True for MariaDB's `ANALYZE SELECT …`; `ANALYZE TABLE t` gathers statistics.
    pub(super) fn analyzes_statement(&self) -> bool {
        self.is_word(1, "format")
            || self.is(1, TokenKind::LParen)
            || matches!(
                self.kw(1),
                Kw::Select
                    | Kw::With
                    | Kw::Insert
                    | Kw::Replace
                    | Kw::Update
                    | Kw::Delete
                    | Kw::Values
            )
    }

    fn at_statement(&self) -> bool {
        self.is(0, TokenKind::LParen)
            || matches!(
                self.kw(0),
                Kw::Select
                    | Kw::With
                    | Kw::Insert
                    | Kw::Replace
                    | Kw::Update
                    | Kw::Delete
                    | Kw::Values
                    | Kw::Table
            )
    }

    /// `COPY (query) TO …` wraps the query; `COPY t …` moves whole tables.
    pub(super) fn copy(&mut self) -> Parse<Statement> {
        let keyword = self.at;
        self.at += 1;
        if self.is(0, TokenKind::LParen) {
            let inner = self.inside(Self::statement)?;
            self.skip_rest()?;
            return Ok(Statement::Wrapped {
                keyword,
                inner: Box::new(inner),
            });
        }
        self.eat_word("binary");
        let tables = vec![self.table_name()?];
        self.at = self.end;
        Ok(Statement::Wholesale { keyword, tables })
    }

    /// Options to the end, which hold no query.
    fn skip_rest(&mut self) -> Parse<()> {
        self.session().map(drop)
    }

    pub(super) fn truncate(&mut self) -> Parse<Statement> {
        let keyword = self.at;
        self.at += 1;
        self.eat(Kw::Table);
        let mut tables = vec![self.table_name()?];
        while self.eat_kind(TokenKind::Comma) {
            tables.push(self.table_name()?);
        }
        self.at = self.end;
        Ok(Statement::Wholesale { keyword, tables })
    }

    /// `DECLARE c CURSOR FOR query`
    pub(super) fn declare(&mut self) -> Parse<Statement> {
        let keyword = self.at;
        while !self.ended() && self.kw(0) != Kw::For {
            self.at += 1;
        }
        self.expect(Kw::For, "`FOR`")?;
        self.wrapped(keyword)
    }

    /// `PREPARE p [(types)] AS statement`; `PREPARE TRANSACTION` belongs to the session.
    pub(super) fn prepare(&mut self) -> Parse<Statement> {
        let keyword = self.at;
        if self.is_word(1, "transaction") && self.is(2, TokenKind::String) {
            return self.session();
        }
        self.at += 1;
        self.name("a name")?;
        if self.is(0, TokenKind::LParen) {
            self.skip_paren()?;
        }
        self.expect(Kw::As, "`AS`")?;
        self.wrapped(keyword)
    }
}
