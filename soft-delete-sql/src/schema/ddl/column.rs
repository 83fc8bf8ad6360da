//! Column definitions.

use super::{
    constraint::{self, Constraint, Kind},
    key,
};
use crate::{
    Dialect,
    schema::{
        Column, KeyPart,
        cursor::{Cursor, Fault},
    },
    syntax::TokenKind,
};

/// A column, with the constraints written behind it.
#[derive(Debug, Clone)]
pub(in crate::schema) struct Definition {
    pub(in crate::schema) column: Column,
    pub(in crate::schema) constraints: Vec<Constraint>,
}

/// Words that end the type and the default.
const ATTRIBUTES: [&str; 15] = [
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "check",
    "references",
    "constraint",
    "collate",
    "generated",
    "deferrable",
    "initially",
    "using",
    "options",
    "storage",
];
const SQLITE_ATTRIBUTES: [&str; 2] = ["as", "on"];
const MYSQL_ATTRIBUTES: [&str; 15] = [
    "as",
    "on",
    "auto_increment",
    "comment",
    "key",
    "charset",
    "invisible",
    "visible",
    "virtual",
    "stored",
    "persistent",
    "first",
    "after",
    "column_format",
    "srid",
];

fn at_attribute(cursor: &Cursor<'_>) -> bool {
    if cursor.is_any(&ATTRIBUTES) {
        return true;
    }
    match cursor.dialect {
        Dialect::Postgres => cursor.is("compression"),
        Dialect::Sqlite => cursor.is_any(&SQLITE_ATTRIBUTES),
        Dialect::Mysql => {
            cursor.is_any(&MYSQL_ATTRIBUTES)
                || cursor.are(&["character", "set"])
                || cursor.are(&["with", "system"])
                || cursor.are(&["without", "system"])
        }
    }
}

/// Reads `name type attributes…` to the end of the cursor.
pub(super) fn definition(cursor: &mut Cursor<'_>) -> Result<Definition, Fault> {
    let name = cursor.name()?;
    body(cursor, name)
}

/// Reads what stands behind the name.
pub(in crate::schema) fn body(cursor: &mut Cursor<'_>, name: String) -> Result<Definition, Fault> {
    let at = *cursor;
    let sql_type = type_name(cursor);
    if sql_type.is_empty() && cursor.dialect != Dialect::Sqlite {
        return Err(at.fault("a type"));
    }
    let mut reader = Attributes {
        column: Column {
            name,
            nullable: true,
            default: None,
            generated: false,
            computed: None,
            invisible: false,
            sql_type,
        },
        constraints: Vec::new(),
        name: None,
    };
    reader.serial(cursor.dialect);
    while !cursor.is_end() {
        reader.attribute(cursor)?;
    }
    let Attributes {
        column,
        constraints,
        ..
    } = reader;
    Ok(Definition {
        column,
        constraints,
    })
}

/// Reads a type, lower-cased, with its spaces normalised.
pub(super) fn type_name(cursor: &mut Cursor<'_>) -> String {
    let start = cursor.at;
    while !cursor.is_end() && !at_attribute(cursor) {
        cursor.skip();
    }
    let mut text = String::new();
    let mut glue = true;
    for token in &cursor.tokens[start..cursor.at] {
        let written = token.text(cursor.sql);
        let wordy = matches!(
            token.kind,
            TokenKind::Word | TokenKind::Quoted | TokenKind::String | TokenKind::Number
        );
        if wordy && !glue {
            text.push(' ');
        }
        match token.kind {
            TokenKind::Word => text.push_str(&written.to_lowercase()),
            _ => text.push_str(written),
        }
        glue = !wordy && !matches!(token.kind, TokenKind::RParen | TokenKind::RBracket);
    }
    text
}

struct Attributes {
    column: Column,
    constraints: Vec<Constraint>,
    /// `CONSTRAINT name`, for the constraint behind it.
    name: Option<String>,
}

impl Attributes {
    fn serial(&mut self, dialect: Dialect) {
        let serial = match dialect {
            Dialect::Postgres => matches!(
                self.column.sql_type.as_str(),
                "serial" | "bigserial" | "smallserial" | "serial4" | "serial8" | "serial2"
            ),
            Dialect::Mysql => self.column.sql_type == "serial",
            Dialect::Sqlite => false,
        };
        if serial {
            self.column.generated = true;
            self.column.nullable = false;
            if dialect == Dialect::Mysql {
                self.unique(false, false);
            }
        }
    }

    fn push(&mut self, kind: Kind) {
        let name = self.name.take();
        self.constraints.push(Constraint { name, kind });
    }

    fn unique(&mut self, nulls_not_distinct: bool, conflict: bool) {
        let key = vec![KeyPart::Column(self.column.name.clone())];
        self.push(Kind::Unique {
            key,
            written: String::new(),
            predicate: None,
            nulls_not_distinct,
            conflict,
            include: Vec::new(),
        });
    }

    fn primary_key(&mut self, cursor: &mut Cursor<'_>) {
        // `INTEGER PRIMARY KEY DESC` is no row number; so it was once, and so it stays.
        let descending = cursor.take(&["desc"]);
        cursor.take(&["asc"]);
        let conflict = key::conflict_clause(cursor);
        self.push(Kind::PrimaryKey {
            columns: vec![self.column.name.clone()],
            conflict,
            row_number: !descending,
        });
        self.column.nullable &= cursor.dialect == Dialect::Sqlite;
    }

    fn attribute(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let mysql = cursor.dialect == Dialect::Mysql;
        if cursor.take(&["constraint"]) {
            self.name = Some(cursor.name()?);
        } else if cursor.take(&["not", "null"]) {
            self.column.nullable = false;
            self.name = None;
            // NULL stands for no key: to replace or skip it loses no other row.
            key::conflict_clause(cursor);
        } else if cursor.take(&["not"]) {
            // NOT DEFERRABLE, NOT VALID, NOT ENFORCED
            cursor.skip();
        } else if cursor.take(&["null"]) {
            self.column.nullable = true;
        } else if cursor.take(&["default"]) {
            self.column.default = Some(default(cursor)?);
            self.next_of_sequence();
        } else if cursor.take(&["primary", "key"]) || mysql && cursor.take(&["key"]) {
            self.primary_key(cursor);
        } else if cursor.take(&["unique"]) {
            if mysql {
                cursor.take(&["key"]);
            }
            let nulls_not_distinct = key::nulls_not_distinct(cursor);
            let conflict = key::conflict_clause(cursor);
            self.unique(nulls_not_distinct, conflict);
        } else if cursor.take(&["references"]) {
            let columns = vec![self.column.name.clone()];
            let target = constraint::target(cursor)?;
            self.push(Kind::ForeignKey { columns, target });
        } else if cursor.take(&["generated"]) {
            self.generated(cursor);
        } else if cursor.take_any(&["auto_increment", "autoincrement"]) {
            self.column.generated = true;
            self.column.nullable = false;
        } else if cursor.take(&["as"]) {
            self.column.generated = true;
            self.computed(cursor);
        } else if mysql && cursor.take(&["invisible"]) {
            self.column.invisible = true;
        } else if cursor.take(&["check"]) || cursor.take_any(&["collate", "comment"]) {
            self.name = None;
            cursor.skip();
            while cursor.take_kind(TokenKind::Dot) {
                cursor.skip();
            }
        } else {
            cursor.skip();
        }
        Ok(())
    }

    /// `GENERATED ALWAYS AS IDENTITY`, `GENERATED ALWAYS AS (expression) STORED`.
    fn generated(&mut self, cursor: &mut Cursor<'_>) {
        self.column.generated = true;
        while !cursor.is_end() && !cursor.take(&["as"]) {
            cursor.skip();
        }
        if cursor.take(&["identity"]) {
            self.column.nullable = false;
            return;
        }
        self.computed(cursor);
    }

    /// `(expression)`
    fn computed(&mut self, cursor: &mut Cursor<'_>) {
        let start = cursor.at;
        if !cursor.is_end() {
            cursor.skip();
        }
        self.column.computed = Some(cursor.text(start, cursor.at).to_owned());
    }

    fn next_of_sequence(&mut self) {
        self.column.generated |= self
            .column
            .default
            .as_deref()
            .is_some_and(is_next_of_sequence);
    }
}

/// `nextval('…')`: what a serial column becomes in a dump.
pub(super) fn is_next_of_sequence(default: &str) -> bool {
    default
        .get(..8)
        .is_some_and(|head| head.eq_ignore_ascii_case("nextval("))
}

/// The expression behind DEFAULT.
fn default(cursor: &mut Cursor<'_>) -> Result<String, Fault> {
    let start = cursor.at;
    if cursor.is_end() {
        return Err(cursor.fault("a default"));
    }
    cursor.skip();
    while !cursor.is_end() && !at_attribute(cursor) {
        cursor.skip();
    }
    Ok(cursor.text(start, cursor.at).to_owned())
}
