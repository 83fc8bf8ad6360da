//! Named relations, their modifiers, and aliases.

use super::{Kw, Parse, Parser, expr::Ends};
use crate::{
    Dialect,
    syntax::{
        TokenKind,
        ast::{Alias, Expr, Relation, Tok},
        keyword,
    },
};

/// Which aliases may stand behind a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aliasing {
    /// None.
    Never,
    /// Behind AS only, without columns: the target of INSERT.
    WithAs,
    /// Any without columns, but SET begins a clause: the target of UPDATE.
    BeforeSet,
    /// Any.
    Free,
}

impl Parser<'_> {
    /// A relation without alias: `TABLE t`, TRUNCATE.
    pub(super) fn table_name(&mut self) -> Parse<Relation> {
        self.relation(Aliasing::Never)
    }

    pub(super) fn relation(&mut self, aliasing: Aliasing) -> Parse<Relation> {
        let start = self.at;
        let only = self.dialect == Dialect::Postgres && self.eat(Kw::Only);
        let (name, name_range) = if only && self.is(0, TokenKind::LParen) {
            self.inside(Self::table_words)?
        } else {
            self.table_words()?
        };
        if self.dialect == Dialect::Postgres && self.is_op(0, "*") {
            self.at += 1;
        }
        let mut modifiers = Vec::new();
        self.modifiers(&mut modifiers)?;
        let alias = self.table_alias(aliasing)?;
        self.modifiers(&mut modifiers)?;
        Ok(Relation {
            range: self.since(start),
            name,
            name_range,
            only,
            alias,
            modifiers,
        })
    }

    fn table_words(&mut self) -> Parse<(Vec<Tok>, crate::syntax::ast::Range)> {
        if !self.is_table_name(0) {
            return Err(self.unexpected("a table"));
        }
        let start = self.at;
        let name = self.dotted()?;
        Ok((name, self.since(start)))
    }

    fn modifiers(&mut self, found: &mut Vec<Expr>) -> Parse<()> {
        loop {
            let start = self.at;
            let here = match self.dialect {
                Dialect::Postgres => self.sample()?,
                Dialect::Sqlite => self.indexed()?,
                Dialect::Mysql => self.partition()? || self.index_hint()? || self.system_time()?,
            };
            if !here {
                return Ok(());
            }
            found.push(self.opaque(start)?);
        }
    }

    /// `TABLESAMPLE method (…) [REPEATABLE (…)]`
    fn sample(&mut self) -> Parse<bool> {
        if !self.eat(Kw::Tablesample) {
            return Ok(false);
        }
        self.dotted()?;
        self.skip_paren()?;
        if self.eat(Kw::Repeatable) {
            self.skip_paren()?;
        }
        Ok(true)
    }

    /// `INDEXED BY name`, `NOT INDEXED`
    fn indexed(&mut self) -> Parse<bool> {
        if self.kw(0) == Kw::Not && self.kw(1) == Kw::Indexed {
            self.at += 2;
        } else if self.kw(0) == Kw::Indexed && self.kw(1) == Kw::By {
            self.at += 2;
            self.name("an index")?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// `PARTITION (p, …)`
    fn partition(&mut self) -> Parse<bool> {
        if self.kw(0) != Kw::Partition || !self.is(1, TokenKind::LParen) {
            return Ok(false);
        }
        self.at += 1;
        self.skip_paren()?;
        Ok(true)
    }

    /// `USE | FORCE | IGNORE  INDEX | KEY  [FOR …] (i, …)`
    fn index_hint(&mut self) -> Parse<bool> {
        if !matches!(self.kw(0), Kw::Use | Kw::Force | Kw::Ignore)
            || !matches!(self.kw(1), Kw::Index | Kw::Key)
        {
            return Ok(false);
        }
        self.at += 2;
        if self.eat(Kw::For) {
            let words = if self.kw(1) == Kw::By { 2 } else { 1 };
            self.at += words;
        }
        self.skip_paren()?;
        Ok(true)
    }

    /// MariaDB's `FOR SYSTEM_TIME AS OF …`, `… BETWEEN a AND b`, `… FROM a TO b`, `… ALL`.
    fn system_time(&mut self) -> Parse<bool> {
        if self.kw(0) != Kw::For || self.kw(1) != Kw::SystemTime {
            return Ok(false);
        }
        self.at += 2;
        match (self.kw(0), self.kw(1)) {
            (Kw::All, _) => {
                self.at += 1;
                return Ok(true);
            }
            (Kw::As, Kw::Of) => self.at += 2,
            (Kw::Between | Kw::From, _) => self.at += 1,
            _ => return Err(self.unexpected("a system time")),
        }
        if let Some(label) = self.scan(Ends::Join)?.label {
            self.at = label;
        }
        Ok(true)
    }

    fn table_alias(&mut self, aliasing: Aliasing) -> Parse<Option<Alias>> {
        match aliasing {
            Aliasing::Never => Ok(None),
            Aliasing::WithAs if self.kw(0) != Kw::As => Ok(None),
            Aliasing::BeforeSet if self.kw(0) == Kw::Set => Ok(None),
            Aliasing::WithAs | Aliasing::BeforeSet => self.alias(false),
            Aliasing::Free => self.alias(true),
        }
    }

    /// `[AS] name [(columns)]`, if it stands here.
    pub(super) fn alias(&mut self, columns: bool) -> Parse<Option<Alias>> {
        let start = self.at;
        let name = if self.eat(Kw::As) {
            if self.dialect == Dialect::Postgres && columns && self.is(0, TokenKind::LParen) {
                None
            } else {
                Some(self.name("an alias")?)
            }
        } else if self.is_bare_alias() {
            self.at += 1;
            Some(self.at - 1)
        } else {
            return Ok(None);
        };
        let columns = if columns && self.dialect != Dialect::Sqlite && self.is(0, TokenKind::LParen)
        {
            self.column_definitions()?
        } else {
            Vec::new()
        };
        Ok(Some(Alias {
            range: self.since(start),
            name,
            columns,
        }))
    }

    fn is_bare_alias(&self) -> bool {
        let Some(token) = self.peek(0) else {
            return false;
        };
        if token.kind != TokenKind::Word {
            return self.is_name(0);
        }
        let opens_clause = match self.kw(0) {
            Kw::Window => self.is_name(1) && self.kw(2) == Kw::As,
            // Behind a whole UPDATE or a MERGE source only.
            Kw::When => true,
            _ => false,
        };
        !opens_clause
            && self.is_name(0)
            && keyword::aliases_table(self.dialect, token.text(self.sql))
    }

    /// `(name [type …], …)`: the names.
    fn column_definitions(&mut self) -> Parse<Vec<Tok>> {
        self.inside(|parser| {
            let mut names = Vec::new();
            loop {
                names.push(parser.name("a column")?);
                while !parser.ended() && !parser.is(0, TokenKind::Comma) {
                    if parser.is(0, TokenKind::LParen) || parser.is(0, TokenKind::LBracket) {
                        parser.at = parser.parens.close(parser.at);
                    }
                    parser.at += 1;
                }
                if !parser.eat_kind(TokenKind::Comma) {
                    return Ok(names);
                }
            }
        })
    }
}
