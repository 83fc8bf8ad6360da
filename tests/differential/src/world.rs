//! A random schema with random rows: small domains, NULLs, every kind of marker.

use std::fmt::Write as _;

use soft_delete_sql::{Dialect, Scope};

use crate::{ast::Type, database::Side, names::Names, print::script};

/// A schema and its rows.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) dialect: Dialect,
    pub(crate) names: Names,
    pub(crate) tables: Vec<Table>,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) marker: Option<Marker>,
    /// Has `code`, unique among live rows.
    pub(crate) unique_code: bool,
    /// The database fills `id`.
    pub(crate) generated_id: bool,
    /// The columns of its condition, or of the table it is a view of.
    protected: Vec<&'static str>,
    /// The table that it is a view of.
    pub(crate) view_of: Option<(usize, View)>,
    /// Literals, in the order of the columns; none for a view.
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) deleted_ids: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Live rows only: no scope is left to say.
    Live,
    /// Every row, with its marker.
    Open,
    /// Live rows only, without their marker.
    Narrow,
    /// Every row, without its marker: nothing can scope it.
    Leaky,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// A nullable timestamp of this name.
    Time(&'static str),
    /// `is_deleted`, NOT NULL.
    Bool,
    /// `is_deleted`, where NULL is live.
    MaybeBool,
    /// `removed`, 0 = live.
    Int,
    /// `purged_at`, a number, where NULL is live.
    MaybeInt,
    /// `deleted_at IS NULL AND status <> 'archived'`.
    Custom,
}

impl Marker {
    pub(crate) fn column(self) -> &'static str {
        match self {
            Self::Time(name) => name,
            Self::Bool | Self::MaybeBool => "is_deleted",
            Self::Int => "removed",
            Self::MaybeInt => "purged_at",
            Self::Custom => "deleted_at",
        }
    }

    /// The condition of a live row; `prefix` is `alias.` or empty.
    pub(crate) fn active(self, prefix: &str) -> String {
        match self {
            Self::Time(name) => format!("{prefix}{name} IS NULL"),
            Self::Bool => format!("{prefix}is_deleted = FALSE"),
            Self::MaybeBool => format!("{prefix}is_deleted IS NOT TRUE"),
            Self::Int => format!("{prefix}removed = 0"),
            Self::MaybeInt => format!("{prefix}purged_at IS NULL"),
            Self::Custom => {
                format!("{prefix}deleted_at IS NULL AND {prefix}status <> 'archived'")
            }
        }
    }
}

/// What a scope keeps of a partition into live rows and the rest.
pub(crate) fn condition(marker: Marker, prefix: &str, scope: Scope) -> Option<String> {
    let active = marker.active(prefix);
    match scope {
        Scope::Active => Some(format!("({active}) IS TRUE")),
        Scope::Deleted => Some(format!("({active}) IS NOT TRUE")),
        Scope::WithDeleted => None,
    }
}

/// The copy of a table that holds only the rows of a scope.
pub(crate) fn copy_name(name: &str, scope: Scope) -> String {
    match scope {
        Scope::Active => name.to_owned(),
        Scope::Deleted | Scope::WithDeleted => format!("{name}__{scope}"),
    }
}

impl World {
    /// Makes a schema and its rows.
    pub(crate) fn random(dialect: Dialect, rng: &mut fastrand::Rng) -> Self {
        let boolean = if rng.u8(..3) == 0 {
            Marker::MaybeBool
        } else {
            Marker::Bool
        };
        let number = if rng.u8(..3) == 0 {
            Marker::MaybeInt
        } else {
            Marker::Int
        };
        let mut tables = vec![
            Table::random("people", Some(Marker::Time("deleted_at")), rng),
            Table::random("orders", Some(boolean), rng),
            Table::random("notes", Some(Marker::Time("deleted_at")), rng),
            Table::random("items", Some(number), rng),
            Table::random("docs", Some(Marker::Custom), rng),
            Table::random("files", Some(Marker::Time("removed_at")), rng),
            Table::random("tags", None, rng),
            Table::random("audit", None, rng),
        ];
        for table in &mut tables {
            table.fill(rng);
        }
        for (name, kind) in [
            ("live_rows", View::Live),
            ("all_rows", View::Open),
            ("narrow_rows", View::Narrow),
            ("leaky_rows", View::Leaky),
        ] {
            // A custom condition cannot be put around a view.
            let of = rng.choice([0, 1, 2, 3, 5]).unwrap_or_default();
            let of = if kind == View::Narrow && rng.u8(..4) == 0 {
                4
            } else {
                of
            };
            let view = tables[of].view(name, of, kind);
            tables.push(view);
        }
        Self {
            dialect,
            names: Names::random(rng),
            tables,
        }
    }

    /// The migrations: what the application's database was made from.
    pub(crate) fn migrations(&self) -> String {
        script(self, self.plain_migrations())
    }

    fn plain_migrations(&self) -> String {
        let mut sql = String::new();
        for table in &self.tables {
            if let Some((of, _)) = table.view_of {
                let base = &self.tables[of];
                let _ = writeln!(sql, "{}", create_view(table, table.name, base, base.name));
                continue;
            }
            sql.push_str(&self.create(table, table.name, true));
            if let (true, Some(marker)) = (table.unique_code, table.marker)
                && self.dialect != Dialect::Mysql
            {
                let _ = writeln!(
                    sql,
                    "CREATE UNIQUE INDEX {0}_code ON {0} (code) WHERE {1};",
                    table.name,
                    marker.active("")
                );
            }
            if table.columns.iter().any(|column| column.name == "k") {
                let _ = writeln!(sql, "CREATE INDEX {0}_k ON {0} (k);", table.name);
            }
        }
        sql
    }

    /// `soft-delete.toml`.
    pub(crate) fn config(&self) -> String {
        let accept = |name: &str| {
            let upserts = self.tables.iter().any(|table| {
                table.name == name
                    && self.dialect == Dialect::Mysql
                    && table.unique_code
                    && !table.generated_id
            });
            // ON DUPLICATE KEY looks at the primary key too.
            let upserts = upserts.then_some("\"upsert_counts_tombstones\"");
            let nullable = (name == "orders").then_some("\"nullable_marker\"");
            let words: Vec<&str> = upserts.into_iter().chain(nullable).collect();
            format!("accept = [{}]\n", words.join(", "))
        };
        // What a soft delete writes into a number.
        let is_number = |table: &Table| table.marker == Some(Marker::MaybeInt);
        let now = match self.dialect {
            _ if !self.tables.iter().any(is_number) => "",
            Dialect::Sqlite => "now = \"unixepoch()\"\n",
            Dialect::Postgres => "now = \"extract(epoch FROM now())::int\"\n",
            Dialect::Mysql => "now = \"unix_timestamp()\"\n",
        };
        format!(
            "dialect = \"{}\"\n\
             markers = [\"deleted_at\", \"removed_at\", \"is_deleted\", \"removed\", \"purged_at\"]\n\n\
             [tables.people]\n{}\n\
             [tables.orders]\n{}\n\
             [tables.\"{}\"]\n{now}\n\
             [tables.docs]\nactive = \"{}\"\n{}\n\
             [tables.\"{}\"]\nsoft_deletable = false\n",
            self.dialect,
            accept("people"),
            accept("orders"),
            self.names.table("items"),
            Marker::Custom.active(""),
            accept("docs"),
            self.names.table("audit"),
        )
    }

    /// The script that makes the database with every row.
    pub(crate) fn dirty(&self) -> String {
        let mut sql = self.plain_migrations();
        for table in &self.tables {
            sql.push_str(&insert(table, table.name));
            sql.push_str(&self.start_ids(table));
        }
        script(self, sql)
    }

    /// The script that gives some tables these rows instead of what a side has.
    pub(crate) fn refill(&self, side: Side, tables: &[usize]) -> String {
        let mut sql = String::new();
        for table in tables.iter().map(|at| &self.tables[*at]) {
            let scopes: &[Scope] = match (side, table.marker) {
                (Side::Clean, Some(_)) => &[Scope::Active, Scope::Deleted, Scope::WithDeleted],
                _ => &[Scope::Active],
            };
            for scope in scopes {
                let _ = writeln!(sql, "DELETE FROM {};", copy_name(table.name, *scope));
            }
            sql.push_str(&match side {
                Side::Dirty => insert(table, table.name),
                Side::Clean => copies(table),
            });
        }
        script(self, sql)
    }

    /// Lets the identities that the database fills start beyond the rows.
    fn start_ids(&self, table: &Table) -> String {
        match self.dialect {
            Dialect::Postgres if table.generated_id => {
                format!("ALTER TABLE {} ALTER id RESTART WITH 1000;\n", table.name)
            }
            Dialect::Mysql if table.generated_id => {
                format!("ALTER TABLE {} AUTO_INCREMENT = 1000;\n", table.name)
            }
            _ => String::new(),
        }
    }

    /// The script that makes the database without the deleted rows. Beside each soft-deletable
    /// table stand copies with the rows of the other scopes. Among live rows alone, the partial
    /// unique index is a full one.
    pub(crate) fn clean(&self) -> String {
        let mut sql = String::new();
        for table in &self.tables {
            if let Some((of, _)) = table.view_of {
                let base = &self.tables[of];
                let _ = writeln!(sql, "{}", create_view(table, table.name, base, base.name));
                for scope in [Scope::Deleted, Scope::WithDeleted] {
                    let name = copy_name(table.name, scope);
                    let source = copy_name(base.name, scope);
                    let _ = writeln!(sql, "{}", create_view(table, &name, base, &source));
                }
                continue;
            }
            sql.push_str(&self.create(table, table.name, false));
            sql.push_str(&self.start_ids(table));
            if table.marker.is_some() {
                for scope in [Scope::WithDeleted, Scope::Deleted] {
                    sql.push_str(&self.create(table, &copy_name(table.name, scope), false));
                }
            }
            sql.push_str(&copies(table));
            if table.marker.is_some() && table.unique_code {
                let _ = writeln!(
                    sql,
                    "CREATE UNIQUE INDEX {0}_code ON {0} (code);",
                    table.name
                );
            }
        }
        script(self, sql)
    }

    /// The table; `original` as the application has it, not as the copy of a scope.
    fn create(&self, table: &Table, name: &str, original: bool) -> String {
        let mut columns = Vec::new();
        for column in &table.columns {
            let ty = match (column.name, self.dialect) {
                ("id", Dialect::Postgres) if table.generated_id => {
                    "INTEGER GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
                }
                ("id", Dialect::Mysql) if table.generated_id => {
                    "INTEGER AUTO_INCREMENT PRIMARY KEY"
                }
                ("id", _) => "INTEGER PRIMARY KEY",
                ("is_deleted", _) if table.marker == Some(Marker::MaybeBool) => "BOOLEAN",
                ("is_deleted", _) => "BOOLEAN NOT NULL DEFAULT FALSE",
                ("removed", _) => "INTEGER NOT NULL DEFAULT 0",
                ("purged_at", Dialect::Mysql) => "BIGINT",
                ("status", Dialect::Mysql) => "VARCHAR(40) DEFAULT 'open'",
                ("status", _) => "TEXT DEFAULT 'open'",
                (_, Dialect::Postgres) if column.ty == Type::Time => "TIMESTAMP",
                (_, Dialect::Mysql) if column.ty == Type::Time => "DATETIME",
                (_, Dialect::Mysql) if column.ty == Type::Text => "VARCHAR(40)",
                (_, _) if column.ty == Type::Int => "INTEGER",
                _ => "TEXT",
            };
            columns.push(format!("{} {ty}", column.name));
        }
        // What stands for a partial index.
        if let (Dialect::Mysql, true, true, Some(marker)) =
            (self.dialect, original, table.unique_code, table.marker)
        {
            columns.push(format!(
                "live_code VARCHAR(40) GENERATED ALWAYS AS (CASE WHEN {} THEN code END) VIRTUAL INVISIBLE",
                marker.active("")
            ));
            columns.push("UNIQUE (live_code)".to_owned());
        }
        format!("CREATE TABLE {name} ({});\n", columns.join(", "))
    }
}

/// A view under some name, over its table or a copy of that.
fn create_view(view: &Table, name: &str, base: &Table, source: &str) -> String {
    let columns: Vec<&str> = view.columns.iter().map(|column| column.name).collect();
    let filter = match (view.view_of, base.marker) {
        (Some((_, View::Live | View::Narrow)), Some(marker)) => {
            format!(" WHERE {}", marker.active(""))
        }
        _ => String::new(),
    };
    format!(
        "CREATE VIEW {name} AS SELECT {} FROM {source}{filter};",
        columns.join(", ")
    )
}

/// Fills the copies of a table, each with the rows of its scope.
fn copies(table: &Table) -> String {
    let Some(marker) = table.marker else {
        return insert(table, table.name);
    };
    let all = copy_name(table.name, Scope::WithDeleted);
    let mut sql = insert(table, &all);
    for scope in [Scope::Active, Scope::Deleted] {
        let _ = writeln!(
            sql,
            "INSERT INTO {} SELECT * FROM {all} WHERE {};",
            copy_name(table.name, scope),
            condition(marker, "", scope).unwrap_or_default()
        );
    }
    sql
}

fn insert(table: &Table, name: &str) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let rows: Vec<String> = table
        .rows
        .iter()
        .map(|row| format!("({})", row.join(", ")))
        .collect();
    format!("INSERT INTO {name} VALUES {};\n", rows.join(", "))
}

impl Table {
    /// A view of this table, which is the `of`-th.
    fn view(&self, name: &'static str, of: usize, kind: View) -> Self {
        let mut columns = self.columns.clone();
        if matches!(kind, View::Narrow | View::Leaky) {
            columns.retain(|column| !self.is_protected(column.name));
        }
        Self {
            name,
            columns,
            marker: self.marker.filter(|_| kind == View::Open),
            unique_code: false,
            generated_id: false,
            protected: self.protected.clone(),
            view_of: Some((of, kind)),
            rows: Vec::new(),
            deleted_ids: Vec::new(),
        }
    }

    fn random(name: &'static str, marker: Option<Marker>, rng: &mut fastrand::Rng) -> Self {
        let mut columns = vec![Column::new("id", Type::Int)];
        for (name, ty) in [("k", Type::Int), ("v", Type::Int), ("s", Type::Text)] {
            if rng.u8(..4) > 0 {
                columns.push(Column::new(name, ty));
            }
        }
        let unique_code = matches!(name, "people" | "orders" | "docs");
        if unique_code {
            columns.push(Column::new("code", Type::Text));
        }
        match marker {
            Some(marker) => {
                let ty = match marker {
                    Marker::Time(_) | Marker::Custom => Type::Time,
                    Marker::Bool | Marker::MaybeBool => Type::Bool,
                    Marker::Int | Marker::MaybeInt => Type::Int,
                };
                columns.push(Column::new(marker.column(), ty));
                if marker == Marker::Custom {
                    columns.push(Column::new("status", Type::Text));
                }
            }
            // A log of tombstones: its column of that name marks nothing.
            None if name == "audit" => columns.push(Column::new("deleted_at", Type::Time)),
            None => {}
        }
        rng.shuffle(&mut columns[1..]);
        Self {
            name,
            columns,
            marker,
            protected: match marker {
                Some(Marker::Custom) => vec!["deleted_at", "status"],
                Some(marker) => vec![marker.column()],
                None => Vec::new(),
            },
            unique_code,
            generated_id: rng.bool(),
            view_of: None,
            rows: Vec::new(),
            deleted_ids: Vec::new(),
        }
    }

    fn fill(&mut self, rng: &mut fastrand::Rng) {
        for id in 1..=rng.usize(4..9) {
            let live = rng.u8(..5) < 3;
            // Which half of a custom condition fails.
            let failing = rng.u8(..3);
            let row = self.columns.iter().map(|column| {
                let null = rng.u8(..5) == 0;
                match column.name {
                    "id" => id.to_string(),
                    "code" => {
                        let n = if live { id } else { rng.usize(1..9) };
                        literal(null, format!("'c{n}'"))
                    }
                    "status" if live || failing == 0 => "'open'".to_owned(),
                    "status" if failing == 1 => "'archived'".to_owned(),
                    "status" => "NULL".to_owned(),
                    "is_deleted" if live && null && self.marker == Some(Marker::MaybeBool) => {
                        "NULL".to_owned()
                    }
                    "is_deleted" => if live { "FALSE" } else { "TRUE" }.to_owned(),
                    "removed" => if live { 0 } else { rng.i32(1..3) }.to_string(),
                    "purged_at" => literal(live, rng.i32(0..3).to_string()),
                    _ if column.ty == Type::Time => {
                        let custom = self.marker == Some(Marker::Custom);
                        let day = rng.u8(1..4);
                        let is_null = match self.marker {
                            None => null,
                            Some(_) => live || (custom && failing > 0),
                        };
                        literal(is_null, format!("'2024-01-0{day} 00:00:00'"))
                    }
                    _ if column.ty == Type::Text => {
                        literal(null, format!("'{}'", rng.choice(["a", "b", "c"]).unwrap()))
                    }
                    _ => literal(null, rng.i32(0..4).to_string()),
                }
            });
            let row = row.collect();
            self.rows.push(row);
            if !live {
                self.deleted_ids.push(id.to_string());
            }
        }
    }

    /// Whether its marker's condition reads this column.
    pub(crate) fn is_protected(&self, column: &str) -> bool {
        self.protected.contains(&column)
    }
}

impl Column {
    const fn new(name: &'static str, ty: Type) -> Self {
        Self { name, ty }
    }
}

fn literal(null: bool, text: String) -> String {
    if null { "NULL".to_owned() } else { text }
}
