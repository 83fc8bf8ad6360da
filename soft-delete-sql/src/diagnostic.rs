//! Codes, texts and how a diagnostic is drawn.

use std::{
    fmt::{self, Write as _},
    ops::Range,
};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Does not compile.
    Error,
    /// Compiles; worth a look.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// The code of a diagnostic; each has a page in `docs/errors/`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// `SDnnn`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// A soft-deletable reference has no scope and the SQL proves none.
    Unscoped = "SD001",
    /// `deleted` / `with_deleted` stand for one reference; another still has no scope.
    ScopeLeftOver = "SD002",
    /// A relation is in no migration, CTE or allow-list.
    UnknownRelation = "SD003",
    /// A scope is said and no soft-deletable reference takes it.
    MeaninglessScope = "SD004",
    /// `alias: scope` names no table reference of the statement.
    UnknownAlias = "SD005",
    /// A marker test contradicts the requested scope, or another test.
    Contradiction = "SD006",
    /// The marker is compared with NULL by `=` or `<>`: no row is ever found.
    MarkerEqualsNull = "SD007",
    /// A marker test that resolves to no single reference.
    AmbiguousMarker = "SD008",
    /// The statement cannot be understood.
    Syntax = "SD009",
    /// Several statements in one string.
    SeveralStatements = "SD010",
    /// A statement that reads, writes or destroys a table wholesale: TRUNCATE, COPY t.
    Wholesale = "SD011",
    /// A token that spells a soft-deletable table and that no rule explains.
    UnexplainedToken = "SD012",
    /// The scope of this reference cannot be written without changing what the query means.
    CannotScope = "SD013",
    /// DELETE on a soft-deletable table without a verb.
    DeleteNeedsVerb = "SD014",
    /// The marker (or another column of the lifecycle) is written outside the operations.
    MarkerWritten = "SD015",
    /// REPLACE and its kin physically delete the row they replace.
    Replace = "SD016",
    /// An upsert whose arbiter counts tombstones.
    ConflictCountsTombstones = "SD017",
    /// A view that reads soft-deletable rows and cannot be filtered from outside.
    LeakyView = "SD018",
    /// A function that may read a soft-deletable table.
    OpaqueFunction = "SD019",
    /// The rewritten statement could not be proven: a fault of ours, and a refusal.
    NotReproven = "SD020",
    /// Nested too deep.
    TooDeep = "SD021",
    /// The number of bind arguments differs from the placeholders.
    BindCount = "SD022",
    /// A model row type needs its marker exactly once in the select list.
    MarkerNotSelected = "SD023",
    /// A verb on a statement it does not fit.
    VerbMisused = "SD024",
    /// A model where a row type is wanted, or the model of another table.
    WrongModel = "SD025",
    /// A verb on a table with a `references` policy that needs a column which is not there.
    PolicyNotSupported = "SD026",
    /// The call does not follow the grammar of `soft_query!`.
    Grammar = "SD027",
    /// `unchecked` without a reason.
    ReasonMissing = "SD028",
    /// A migration statement that changes tables and cannot be understood.
    Migration = "SD030",
    /// The schema directory or dump cannot be read.
    SchemaMissing = "SD031",
    /// soft-delete.toml is wrong.
    Config = "SD032",
    /// A nullable boolean marker: NULL is neither live nor deleted.
    NullableBooleanMarker = "SD033",
    /// The dialect is not decided.
    DialectUndecided = "SD034",
    /// Fields of a model that do not fit the columns of its table.
    FieldMismatch = "SD035",
    /// The table of a model is not in the schema, or not soft-deletable.
    ModelTable = "SD036",
    /// A column-level ON CONFLICT clause in the schema (SQLite).
    SchemaConflictClause = "SD037",
    /// A marker whose column type fits no kind of marker.
    MarkerType = "SD038",
    /// A SQL file named in `file = "…"` cannot be read.
    SqlFile = "SD039",
    /// A unique key that also counts deleted rows.
    CountsTombstones = "SD040",
    /// A unique key with the nullable marker as a part.
    MarkerInUniqueKey = "SD041",
    /// A foreign key without `references` policy.
    PolicyMissing = "SD042",
    /// `cascade` into a table without marker or operation id.
    CascadeTarget = "SD043",
    /// `detach` of rows that cannot be detached, or not be attached again.
    DetachTarget = "SD044",
    /// A foreign key whose ON DELETE destroys soft-deletable rows.
    DestroyedByParent = "SD045",
    /// A trigger or rule that takes the place of a DELETE.
    DeleteReplaced = "SD046",
    /// Policies of row-level security that refuse the soft delete itself.
    RowSecurityRefuses = "SD047",
    /// Policies that hide deleted rows, and not from the owner of the table.
    RowSecuritySkipped = "SD048",
    /// A personal column that an erasure could not overwrite.
    PersonalColumn = "SD049",
    /// A field marked `personal` whose column soft-delete.toml does not list.
    PersonalUnlisted = "SD050",
    /// Personal columns whose erasure is not decided, or cannot be carried out.
    ErasureUndecided = "SD051",
    /// A retention on a table whose marker does not say when a row was deleted.
    NoAge = "SD060",
    /// A retention on a table without a primary key.
    NoKey = "SD061",
    /// An audit table that lacks a column.
    AuditTable = "SD062",
    /// `retention_plan!()` where no table has a retention.
    NoRetention = "SD063",
    /// A marker test that is always true where it stands.
    VacuousTest = "SD101",
    /// An INSERT of a child whose parent may be soft-deleted: the foreign key cannot see that.
    ParentMayBeDeleted = "SD102",
    /// A table without marker is read without its soft-deletable parent.
    ChildReadAlone = "SD103",
    /// NATURAL JOIN or USING joins soft-deletable tables on their markers.
    JoinedOnMarker = "SD104",
}

impl Code {
    /// Warnings have codes from SD101 on.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self >= Self::VacuousTest {
            Severity::Warning
        } else {
            Severity::Error
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fault: a title of one line, the place in the SQL, why it matters, what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: Code,
    /// The title: one line, no code.
    pub message: String,
    /// Bytes of the SQL it is about; `None` when it is not about a place in the SQL.
    pub span: Option<Range<usize>>,
    /// What stands behind the carets.
    pub label: String,
    /// Why it matters; may be empty.
    pub why: String,
    /// The exact text to write; may be empty.
    pub help: String,
}

impl Diagnostic {
    /// A diagnostic with a title only.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: one_line(message.into()),
            span: None,
            label: String::new(),
            why: String::new(),
            help: String::new(),
        }
    }

    /// Points at bytes of the SQL.
    #[must_use]
    pub fn at(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.span = Some(span);
        self.label = one_line(label.into());
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Says what to write.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Draws it over `sql`: title with code, the SQL line with carets, why, help. No leading
    /// `error:`, as rustc and the command line add their own.
    #[must_use]
    pub fn render(&self, sql: &str) -> String {
        let mut out = format!("{} [{}]\n", self.message, self.code);
        if let Some(span) = &self.span {
            out.push('\n');
            out.push_str(&draw(sql, span, &self.label));
        }
        let mut first = true;
        for (word, text) in [("why", &self.why), ("help", &self.help)] {
            if text.is_empty() {
                continue;
            }
            if first {
                out.push('\n');
                first = false;
            }
            let mut lines = text.lines();
            let _ = writeln!(out, "  {word:>4}: {}", lines.next().unwrap_or(""));
            for line in lines {
                let _ = writeln!(out, "        {line}");
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}

/// A quoted name or literal may have line breaks in it.
fn one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The longest stretch of one SQL line that is drawn, in characters.
const WIDTH: usize = 100;

/// The line of `sql` that holds the start of `span`, with carets below it.
fn draw(sql: &str, span: &Range<usize>, label: &str) -> String {
    let start = floor(sql, span.start.min(sql.len()));
    let end = floor(sql, span.end.clamp(start, sql.len()));
    let line_start = sql[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = sql[start..].find('\n').map_or(sql.len(), |at| start + at);
    let line = sql[line_start..line_end].trim_end();
    let indent = line.len() - line.trim_start().len();
    let (line, line_start) = (
        &line[indent.min(start - line_start)..],
        line_start + indent.min(start - line_start),
    );
    let marked = sql[start..end.min(line_end).max(start)]
        .trim_end()
        .chars()
        .count()
        .max(1);

    // A long line is cut around the marked part.
    let chars: Vec<char> = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    // What stands behind the spaces that end the line is marked at its end.
    let column = sql[line_start..start].chars().count().min(chars.len());
    let mut from = 0;
    if chars.len() > WIDTH {
        from = column.saturating_sub(WIDTH / 3);
    }
    let to = (from + WIDTH).min(chars.len());
    let head = if from > 0 { "…" } else { "" };
    let tail = if to < chars.len() { "…" } else { "" };
    let shown: String = chars[from..to].iter().collect();
    let pad = column - from + head.chars().count();
    let carets = marked.min(to.saturating_sub(column).max(1));
    format!(
        "         {head}{shown}{tail}\n         {}{} {label}",
        " ".repeat(pad),
        "^".repeat(carets),
    )
    .trim_end()
    .to_owned()
        + "\n"
}

/// The nearest character boundary at or before `at`.
fn floor(sql: &str, mut at: usize) -> usize {
    while !sql.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The candidate nearest to `word` by edit distance, when it is near enough to be a slip.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (corner + usize::from(ca != *cb))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Code, Diagnostic, nearest};

    #[test]
    fn the_caret_stands_under_the_bytes_it_marks() {
        let sql = "SELECT *\n  FROM contàcts WHERE name LIKE ?";
        let start = sql.find("contàcts").unwrap();
        let text = Diagnostic::new(Code::Unscoped, "`contàcts` has no scope")
            .at(start..start + "contàcts".len(), "here")
            .help("say it")
            .render(sql);
        assert_eq!(
            text,
            "`contàcts` has no scope [SD001]\n\n         FROM contàcts WHERE name LIKE ?\n              ^^^^^^^^ here\n\n  help: say it"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let sql = format!("SELECT {} FROM t", "a, ".repeat(200));
        let start = sql.len() - 1;
        let text = Diagnostic::new(Code::Unscoped, "x")
            .at(start..start + 1, "here")
            .render(&sql);
        let mut lines = text.lines().skip(2);
        let (line, carets) = (lines.next().unwrap(), lines.next().unwrap());
        assert!(line.chars().count() < 130, "{line}");
        assert_eq!(line.chars().nth(carets.find('^').unwrap()), Some('t'));
    }

    #[test]
    fn a_mark_behind_the_spaces_that_end_a_long_line_is_drawn_at_its_end() {
        let sql = format!("SELECT {}{}", "a, ".repeat(50), " ".repeat(60));
        let text = Diagnostic::new(Code::Syntax, "x")
            .at(sql.len()..sql.len(), "here")
            .render(&sql);
        let mut lines = text.lines().skip(2);
        let (line, carets) = (lines.next().unwrap(), lines.next().unwrap());
        assert_eq!(carets.find('^').unwrap(), line.chars().count());
    }

    #[test]
    fn a_title_is_one_line_whatever_it_quotes() {
        let fault = Diagnostic::new(Code::Syntax, "found `\"a\n\t b\"`").at(0..1, "`a\r\nb`");
        assert_eq!(fault.message, "found `\"a b\"`");
        assert_eq!(fault.label, "`a b`");
    }

    #[test]
    fn nearest_finds_slips_only() {
        assert_eq!(nearest("actve", ["active", "deleted"]), Some("active"));
        assert_eq!(nearest("quux", ["active", "deleted"]), None);
    }
}
