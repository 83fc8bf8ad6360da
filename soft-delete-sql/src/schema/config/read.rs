//! Reads the text of the file, and gathers every fault of it.

mod accept;

use std::{collections::BTreeMap, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Config, Entry, Ignored, Reads, TableEntry};
use crate::{
    Code, Diagnostic, Dialect, Scope,
    diagnostic::nearest,
    schema::{Erasure, Policy},
};

/// The keys of the file's top level.
pub(super) const TOP: &[&str] = &[
    "dialect",
    "schema",
    "markers",
    "typecheck",
    "require_actor",
    "search_path",
    "external",
    "ignore",
    "tables",
    "views",
    "functions",
];
/// The keys of `[tables.NAME]`.
pub(super) const TABLE: &[&str] = &[
    "soft_deletable",
    "marker",
    "active",
    "retention",
    "hold",
    "references",
    "accept",
    "now",
    "columns",
    "require_actor",
    "personal",
    "erase",
    "person",
];
/// The keys of `[views.NAME]`.
pub(super) const VIEW: &[&str] = &["scope"];
/// The keys of `[functions.NAME]`.
pub(super) const FUNCTION: &[&str] = &["reads"];

const POLICIES: [(&str, Policy); 4] = [
    ("cascade", Policy::Cascade),
    ("restrict", Policy::Restrict),
    ("keep", Policy::Keep),
    ("detach", Policy::Detach),
];
const ERASURES: [(&str, Erasure); 2] = [
    ("remove", Erasure::Remove),
    ("overwrite", Erasure::Overwrite),
];
const UNITS: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];

type Key<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Value<'t> = Spanned<DeValue<'t>>;

/// Reads the file.
pub(super) fn read(text: &str, file: &Path) -> Result<Config, Vec<Diagnostic>> {
    let mut config = Config {
        file: file.to_owned(),
        ..Config::default()
    };
    let mut reader = Reader {
        text,
        file: config.file_name(),
        faults: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        reader.top(table.get_ref(), &mut config);
    }
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        reader.fault(at, &one_line(error.message()), "");
    }
    if reader.faults.is_empty() {
        return Ok(config);
    }
    reader.faults.sort_by_key(|(line, _)| *line);
    Err(reader.faults.into_iter().map(|(_, fault)| fault).collect())
}

struct Reader<'t> {
    text: &'t str,
    file: String,
    /// With their lines.
    faults: Vec<(usize, Diagnostic)>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        line(self.text, at)
    }

    fn fault(&mut self, at: usize, message: &str, help: &str) {
        let line = self.line(at);
        let message = format!("{}:{line}: {message}", self.file);
        let fault = Diagnostic::new(Code::Config, message).help(help);
        self.faults.push((line, fault));
    }

    /// An unknown word among known ones.
    fn unknown(&mut self, at: usize, message: &str, word: &str, known: &[&str]) {
        let help = nearest(word, known.iter().copied()).map_or_else(
            || format!("expected one of {}", list(known)),
            |near| format!("did you mean `{near}`?"),
        );
        self.fault(at, message, &help);
    }

    fn unknown_key(&mut self, key: &Key<'_>, place: &str, known: &[&str]) {
        let word = key.get_ref();
        let message = format!("unknown key `{word}` {place}");
        self.unknown(key.span().start, &message, word, known);
    }

    fn wrong_type(&mut self, key: &str, value: &Value<'_>, wanted: &str) {
        let found = value.get_ref().type_str();
        let message = format!("`{key}` must be {wanted}, not {}", article(found));
        self.fault(value.span().start, &message, "");
    }

    fn string(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        match value.get_ref().as_str() {
            Some(text) if text.trim().is_empty() => {
                self.fault(value.span().start, &format!("`{key}` is empty"), "");
                None
            }
            Some(text) => Some(text.to_owned()),
            None => {
                self.wrong_type(key, value, "a string");
                None
            }
        }
    }

    fn boolean(&mut self, key: &str, value: &Value<'_>) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong_type(key, value, "`true` or `false`");
        }
        found
    }

    /// A list of strings, each with its place.
    fn strings(&mut self, key: &str, value: &Value<'_>) -> Option<Vec<(usize, String)>> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of strings");
            return None;
        };
        let mut found = Vec::new();
        for item in array {
            if let Some(text) = self.string(key, item) {
                found.push((item.span().start, text));
            }
        }
        Some(found)
    }

    fn names(&mut self, key: &str, value: &Value<'_>) -> Option<Vec<String>> {
        let found = self.strings(key, value)?;
        Some(found.into_iter().map(|(_, name)| name).collect())
    }

    fn table<'v, 't>(&mut self, key: &str, value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
        let found = value.get_ref().as_table();
        if found.is_none() {
            self.wrong_type(key, value, "a table");
        }
        found
    }

    fn top(&mut self, table: &DeTable<'_>, config: &mut Config) {
        for (key, value) in table {
            let word: &str = key.get_ref();
            match word {
                "dialect" => config.dialect = self.dialect(value),
                "schema" => {
                    if let Some(path) = self.string(word, value) {
                        config.schema = path.into();
                    }
                }
                "markers" => {
                    if let Some(names) = self.names(word, value) {
                        config.markers = names;
                    }
                }
                "typecheck" => config.typecheck = self.boolean(word, value) == Some(true),
                "require_actor" => config.require_actor = self.boolean(word, value) == Some(true),
                "search_path" => config.search_path = self.names(word, value).unwrap_or_default(),
                "external" => config.external = self.names(word, value).unwrap_or_default(),
                "ignore" => config.ignore = self.ignored(value),
                "tables" => config.tables = self.entries(word, value, Self::table_entry),
                "views" => config.views = self.entries(word, value, Self::view_entry),
                "functions" => config.functions = self.entries(word, value, Self::function_entry),
                _ => self.unknown_key(key, "at the top level", TOP),
            }
        }
    }

    fn dialect(&mut self, value: &Value<'_>) -> Option<Dialect> {
        let text = self.string("dialect", value)?;
        let found = text.parse().ok();
        if found.is_none() {
            let known = Dialect::ALL.map(Dialect::name);
            let message = format!("unknown dialect `{text}`");
            self.unknown(value.span().start, &message, &text, &known);
        }
        found
    }

    fn ignored(&mut self, value: &Value<'_>) -> Vec<Ignored> {
        let mut found = Vec::new();
        for (at, text) in self.strings("ignore", value).unwrap_or_default() {
            let parsed = text
                .rsplit_once(':')
                .and_then(|(file, line)| Some((file, line.parse::<usize>().ok()?)))
                .filter(|(file, _)| !file.is_empty());
            if let Some((file, statement)) = parsed {
                found.push(Ignored {
                    file: file.replace('\\', "/"),
                    statement,
                    line: self.line(at),
                });
            } else {
                let message = format!("`{text}` names no statement");
                self.fault(
                    at,
                    &message,
                    "write the file and the line: \"0003_x.sql:12\"",
                );
            }
        }
        found
    }

    /// The sections of `[tables]`, `[views]`, `[functions]`, in the order of the file.
    fn entries<T>(
        &mut self,
        section: &str,
        value: &Value<'_>,
        read: impl Fn(&mut Self, &str, &DeTable<'_>) -> Option<T>,
    ) -> Vec<Entry<T>> {
        let mut found = Vec::new();
        for (key, value) in self.table(section, value).into_iter().flatten() {
            let name = key.get_ref().as_ref();
            let path = format!("{section}.{}", quoted(name));
            let Some(table) = self.table(&path, value) else {
                continue;
            };
            if let Some(value) = read(self, &path, table) {
                let at = key.span().start;
                found.push((
                    at,
                    Entry {
                        name: name.to_owned(),
                        line: self.line(at),
                        value,
                    },
                ));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the other sections can be void")]
    fn table_entry(&mut self, path: &str, table: &DeTable<'_>) -> Option<TableEntry> {
        let mut entry = TableEntry::default();
        for (key, value) in table {
            let word: &str = key.get_ref();
            match word {
                "soft_deletable" => entry.soft_deletable = self.boolean(word, value),
                "marker" => entry.marker = self.string(word, value),
                "active" => entry.active = self.string(word, value),
                "retention" => entry.settings.retention = self.retention(value),
                "hold" => entry.settings.hold = self.string(word, value),
                "references" => entry.settings.references = self.references(value),
                "accept" => entry.settings.accept = self.accept(value),
                "now" => entry.settings.now = self.string(word, value),
                "columns" => entry.columns = self.columns(value),
                "require_actor" => entry.settings.require_actor = self.boolean(word, value),
                "personal" => entry.settings.personal = Some(self.personal(value)),
                "erase" => entry.settings.erase = self.erasure(value),
                "person" => entry.settings.person = self.names(word, value),
                _ if value.get_ref().is_table()
                    && nearest(word, TABLE.iter().copied()).is_none() =>
                {
                    let schema = path.rsplit('.').next().unwrap_or(path);
                    let message = format!("unknown key `{word}` in `[{path}]`");
                    let help =
                        format!("a qualified name needs quotes: [tables.\"{schema}.{word}\"]");
                    self.fault(key.span().start, &message, &help);
                }
                _ => self.unknown_key(key, &format!("in `[{path}]`"), TABLE),
            }
        }
        Some(entry)
    }

    fn view_entry(&mut self, path: &str, table: &DeTable<'_>) -> Option<Scope> {
        let mut found = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "scope" => {
                    let text = self.string("scope", value)?;
                    found = text.parse().ok();
                    if found.is_none() {
                        let message = format!("unknown scope `{text}`");
                        let known = Scope::ALL.map(Scope::word);
                        self.unknown(value.span().start, &message, &text, &known);
                    }
                }
                _ => self.unknown_key(key, &format!("in `[{path}]`"), VIEW),
            }
        }
        found
    }

    fn function_entry(&mut self, path: &str, table: &DeTable<'_>) -> Option<Reads> {
        let mut found = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "reads" => {
                    let text = self.string("reads", value)?;
                    found = match text.as_str() {
                        "nothing" => Some(Reads::Nothing),
                        _ => text.parse().ok().map(Reads::Rows),
                    };
                    if found.is_none() {
                        let message = format!("unknown value `{text}` of `reads`");
                        let known = ["active", "deleted", "with_deleted", "nothing"];
                        self.unknown(value.span().start, &message, &text, &known);
                    }
                }
                _ => self.unknown_key(key, &format!("in `[{path}]`"), FUNCTION),
            }
        }
        found
    }

    fn retention(&mut self, value: &Value<'_>) -> Option<String> {
        let text = self.string("retention", value)?;
        let known = text.split_once(' ').is_some_and(|(number, unit)| {
            let unit = unit.strip_suffix('s').unwrap_or(unit);
            number.parse::<u32>().is_ok() && UNITS.contains(&unit)
        });
        if !known {
            let message = format!("`{text}` is no retention");
            self.fault(
                value.span().start,
                &message,
                "write a number and a unit: \"90 days\"",
            );
        }
        known.then_some(text)
    }

    fn references(&mut self, value: &Value<'_>) -> BTreeMap<String, Policy> {
        let mut found = BTreeMap::new();
        for (_, name, value) in self.leaves("references", value) {
            let Some(text) = self.string(&name, value) else {
                continue;
            };
            if let Some((_, policy)) = POLICIES.iter().find(|(word, _)| *word == text) {
                found.insert(name, *policy);
            } else {
                let message = format!("unknown policy `{text}`");
                let known = POLICIES.map(|(word, _)| word);
                self.unknown(value.span().start, &message, &text, &known);
            }
        }
        found
    }

    fn personal(&mut self, value: &Value<'_>) -> BTreeMap<String, String> {
        let leaves = self.leaves("personal", value).into_iter();
        leaves
            .filter_map(|(_, name, value)| Some((self.string(&name, value)?, name)))
            .map(|(text, name)| (name, text))
            .collect()
    }

    fn erasure(&mut self, value: &Value<'_>) -> Option<Erasure> {
        let text = self.string("erase", value)?;
        let found = ERASURES.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let message = format!("unknown value `{text}` of `erase`");
            let known = ERASURES.map(|(word, _)| word);
            self.unknown(value.span().start, &message, &text, &known);
        }
        found.map(|(_, erasure)| *erasure)
    }

    fn columns(&mut self, value: &Value<'_>) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        for (key, value) in self.table("columns", value)? {
            if let Some(definition) = value.get_ref().as_str() {
                // SQLite allows a column without a type, so the text may be empty.
                let name = key.get_ref().to_string();
                found.push((key.span().start, name, definition.to_owned()));
            } else {
                self.wrong_type(key.get_ref(), value, "a column definition in a string");
            }
        }
        found.sort();
        Some(
            found
                .into_iter()
                .map(|(_, name, definition)| (name, definition))
                .collect(),
        )
    }
}

/// A name as a key of the file: quoted where it must be.
pub(crate) fn quoted(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// The line a byte stands in, from 1.
pub(in crate::schema) fn line(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    1 + before.filter(|byte| *byte == b'\n').count()
}

fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if an { "an" } else { "a" })
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
