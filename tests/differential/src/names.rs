//! Names that look like keywords or are written in other letters, in place of the plain ones that
//! the generator thinks in.

use soft_delete_sql::Dialect;

/// Names by the plain names that they stand for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Vec<(&'static str, &'static str)>);

/// What may be named otherwise: never a marker, which soft-delete.toml lists.
const PLAIN: [&str; 9] = [
    "items", "files", "notes", "tags", "audit", "k", "v", "s", "code",
];

/// No two of them are the same, however they are folded.
const ODD: [&str; 18] = [
    "order",
    "select",
    "table",
    "from",
    "where",
    "group",
    "end",
    "join",
    "null",
    "user",
    "year",
    "name",
    "temp",
    "größe",
    "ключ",
    "日付",
    "two words",
    "on",
];

impl Names {
    pub(crate) fn random(rng: &mut fastrand::Rng) -> Self {
        let mut odd = ODD;
        rng.shuffle(&mut odd);
        let mut names = Vec::new();
        if rng.bool() {
            for (plain, odd) in PLAIN.into_iter().zip(odd) {
                if rng.bool() {
                    names.push((plain, odd));
                }
            }
        }
        Self(names)
    }

    /// The name that stands for a plain one.
    pub(crate) fn of(&self, plain: &str) -> Option<&'static str> {
        let mut names = self.0.iter();
        names
            .find(|(from, _)| *from == plain)
            .map(|(_, name)| *name)
    }

    /// The name of a table.
    pub(crate) fn table<'n>(&self, plain: &'n str) -> &'n str {
        self.of(plain).unwrap_or(plain)
    }
}

/// Whether a name must be quoted everywhere.
pub(crate) fn quotes(dialect: Dialect, name: &str) -> bool {
    match name {
        "year" | "name" | "temp" | "größe" | "ключ" | "日付" => {
            dialect == Dialect::Sqlite && name == "temp"
        }
        _ => true,
    }
}
