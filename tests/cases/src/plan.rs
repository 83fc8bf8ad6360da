//! What the analyser has to do with each case, by id.

use soft_delete_sql::{Code, Dialect, Scope, Verb};

use Ask::{Nothing, On, Per, With};
use Dialect::Mysql;
use Rows::{Expected, Not, Observed, These};
use Scope::{Active, Deleted, WithDeleted};
use Text::{Leaky, Other, Safe};
use Verdict::{Accepted, Refused, RefusedToo, Warned};

/// What is to happen to one case.
#[derive(Debug)]
pub struct Plan {
    /// The case.
    pub id: &'static str,
    /// What the leaky statement meets when nothing is said.
    pub verdict: Verdict,
    /// What runs, and what it gives.
    pub runs: &'static [Run],
    /// Databases that cannot run it though the case says so, and why.
    pub not_on: &'static [(Dialect, &'static str)],
    /// soft-delete.toml.
    pub toml: &'static str,
}

/// What an unscoped statement meets.
#[derive(Debug, Clone, Copy)]
pub enum Verdict {
    /// An error of this code, the first one.
    Refused(Code),
    /// An error of this code beside another one that is told first.
    RefusedToo(Code),
    /// It compiles with this warning.
    Warned(Code),
    /// It compiles as it stands, without a warning.
    Accepted,
}

/// One statement to scope and run.
#[derive(Debug)]
pub struct Run {
    /// Its text.
    pub text: Text,
    /// What is asked of it.
    pub ask: Ask,
    /// What it gives.
    pub rows: Rows,
}

/// The text of a [`Run`].
#[derive(Debug, Clone, Copy)]
pub enum Text {
    /// `leaky` of the case.
    Leaky,
    /// `safe` of the case.
    Safe,
    /// Another one, on the tables of `leaky`: the form in which the operation is written; with
    /// the SELECT that reads its effect where the case has none.
    Other(&'static str, Option<&'static str>),
}

/// What is asked of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// Nothing: it proves itself and stays as it is.
    Nothing,
    /// One scope for the statement.
    On(Scope),
    /// A scope per reference.
    Per(&'static [(&'static str, Scope)]),
    /// A verb.
    With(Verb),
}

/// The rows of a [`Run`].
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    /// `expected` of the case.
    Expected,
    /// `observed` of the case: what people write is right under the scope that is said.
    Observed,
    /// Others.
    These(&'static [&'static str]),
    /// None: as asked it is refused too, with this code.
    Not(Code),
}

const fn run(text: Text, ask: Ask, rows: Rows) -> Run {
    Run { text, ask, rows }
}

const fn plan(id: &'static str, verdict: Verdict, runs: &'static [Run]) -> Plan {
    Plan {
        id,
        verdict,
        runs,
        not_on: &[],
        toml: "",
    }
}

/// The leaky statement under `active` and the safe one as it stands both give what is right.
const SCOPED_OR_SAFE: &[Run] = &[
    run(Leaky, On(Active), Expected),
    run(Safe, Nothing, Expected),
];

/// Only the right text has a scope that means something.
const SAFE_ONLY: &[Run] = &[run(Safe, Nothing, Expected)];

/// What the statement as written gives is right, and nothing needs to be said.
const AS_WRITTEN: &[Run] = &[run(Leaky, Nothing, Observed)];

const NO_PARTIAL_INDEX: &[(Dialect, &str)] =
    &[(Mysql, "neither ON CONFLICT nor partial indexes exist there")];

/// Every case with a query verdict.
pub const PLANS: &[Plan] = &[
    plan("L01", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L03", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L04", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan(
        "L05",
        Refused(Code::Unscoped),
        &[
            run(Leaky, On(Active), Expected),
            run(Leaky, Per(&[("c", Active)]), Expected),
            run(Safe, Nothing, Expected),
        ],
    ),
    // Under `active` the LEFT JOIN stays one: as if the deleted author were not in the table, the
    // post has no author and passes. Whether that was meant is what the warning asks.
    plan(
        "L06",
        Warned(Code::VacuousTest),
        &[
            run(Leaky, On(Active), Observed),
            run(Safe, Nothing, Expected),
        ],
    ),
    // Neither reading is always right: each is one word away.
    plan(
        "L07",
        Accepted,
        &[
            run(Leaky, Nothing, Observed),
            run(Safe, Per(&[("u", WithDeleted)]), Expected),
            run(Safe, Per(&[("u", Active)]), Observed),
        ],
    ),
    plan("L08", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L10", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L11", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L13", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L15", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    // A scope does not make the marker writable; the verb is the way, and skips the tombstone.
    Plan {
        toml: "[tables.posts]\nnow = \"'2026-09-01 00:00:00'\"\n",
        ..plan(
            "L16",
            Refused(Code::MarkerWritten),
            &[run(
                Other("DELETE FROM posts WHERE author_id = 1", None),
                With(Verb::SoftDelete),
                Expected,
            )],
        )
    },
    plan(
        "L17",
        Refused(Code::DeleteNeedsVerb),
        &[
            run(Leaky, With(Verb::Purge), Expected),
            run(Safe, With(Verb::Purge), Expected),
            run(Leaky, With(Verb::Erase), Observed),
        ],
    ),
    Plan {
        not_on: NO_PARTIAL_INDEX,
        ..plan(
            "L18",
            Refused(Code::ConflictCountsTombstones),
            &[run(Safe, On(Active), Expected)],
        )
    },
    plan(
        "L20",
        Warned(Code::ParentMayBeDeleted),
        &[run(Leaky, Nothing, Observed), run(Safe, Nothing, Expected)],
    ),
    plan(
        "L21",
        Refused(Code::Unscoped),
        &[
            run(Leaky, Per(&[("p", WithDeleted), ("c", Active)]), Expected),
            run(Safe, Per(&[("p", WithDeleted)]), Expected),
        ],
    ),
    plan("L23", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L25", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L26", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    plan("L28", Refused(Code::AmbiguousMarker), SAFE_ONLY),
    plan(
        "L29",
        Refused(Code::Contradiction),
        &[
            run(Safe, Nothing, Expected),
            run(Safe, On(Deleted), Expected),
        ],
    ),
    plan("L30", Refused(Code::Unscoped), SCOPED_OR_SAFE),
    // No scope helps a marker that is neither: the schema has to say NOT NULL.
    plan("L31", Refused(Code::NullableBooleanMarker), &[]),
    plan("L33", Refused(Code::MarkerWritten), SAFE_ONLY),
    plan("L42", Refused(Code::LeakyView), SAFE_ONLY),
    plan(
        "L43",
        Warned(Code::ChildReadAlone),
        &[run(Leaky, Nothing, Observed), run(Safe, Nothing, Expected)],
    ),
    // A verb stands for one whole statement, whose effect the operation counts and audits: the
    // DELETE leaves the CTE and returns no rows.
    plan(
        "L46",
        Refused(Code::DeleteNeedsVerb),
        &[run(
            Other(
                "DELETE FROM comments WHERE post_id = 10",
                Some("SELECT id FROM comments ORDER BY id"),
            ),
            With(Verb::Purge),
            These(&["100", "102", "103"]),
        )],
    ),
    // The reason asks for WHEN MATCHED AND, as ON would insert duplicates. To a statement that
    // behaves as if the tombstone were not there the row *is* not matched, so ON it is.
    plan(
        "L47",
        Refused(Code::Unscoped),
        &[
            run(Leaky, On(Active), Expected),
            run(Safe, On(Active), Expected),
        ],
    ),
    plan(
        "L54",
        RefusedToo(Code::Contradiction),
        &[
            run(Leaky, With(Verb::Purge), Not(Code::Contradiction)),
            run(Safe, With(Verb::Purge), Expected),
        ],
    ),
    Plan {
        not_on: NO_PARTIAL_INDEX,
        ..plan(
            "L55",
            Refused(Code::MarkerWritten),
            &[run(Safe, On(Active), Expected)],
        )
    },
    plan("A01", Accepted, AS_WRITTEN),
    // SQLite calls it a circular reference: the case says so.
    plan("A02", Accepted, AS_WRITTEN),
    // The branches prove nothing together, and the second one contradicts `active`.
    plan(
        "A04",
        Refused(Code::Unscoped),
        &[
            run(Leaky, On(WithDeleted), Observed),
            run(Leaky, On(Active), Not(Code::Contradiction)),
        ],
    ),
    plan(
        "A05",
        Accepted,
        &[
            run(Leaky, Nothing, Observed),
            run(Leaky, On(Deleted), Observed),
        ],
    ),
    plan("A07", Accepted, AS_WRITTEN),
    plan("A08", Accepted, AS_WRITTEN),
    plan("A11", Accepted, AS_WRITTEN),
    // The raw write is refused like every write to the marker; `restore()` of the run time is the
    // accepted way, and no SQL text of the user is involved.
    plan("A12", Refused(Code::MarkerWritten), &[]),
];

/// Cases about the operations, and what ours do in the place of a statement that no scope makes right.
pub const LIFECYCLE: &[(&str, &str)] = &[
    ("L19", "restore by operation id"),
    ("L36", "restore names the live twin"),
    ("L39", "restore by operation id, never by timestamp"),
    ("L40", "the `references` policy of a soft delete"),
];

/// A fact of the schema that a case is about, or a schema that a case recommends.
#[derive(Debug)]
pub struct FactPlan {
    /// The case.
    pub id: &'static str,
    /// The table whose model is judged.
    pub table: &'static str,
    /// What stands against it in the schema of the leak.
    pub leaky: &'static [Code],
    /// What stands in the one that is right; as many where the case has none of its own.
    pub safe: &'static [Code],
    /// soft-delete.toml.
    pub toml: &'static str,
}

const fn fact(
    id: &'static str,
    table: &'static str,
    leaky: &'static [Code],
    safe: &'static [Code],
    toml: &'static str,
) -> FactPlan {
    FactPlan {
        id,
        table,
        leaky,
        safe,
        toml,
    }
}

/// The foreign keys that all cases share.
const POLICIES: &str = "[tables.users.references]\nposts = \"restrict\"\nsessions = \"keep\"\n";

/// Cases about the checks of a schema.
pub const FACTS: &[FactPlan] = &[
    fact("L34", "users", &[Code::MarkerInUniqueKey], &[], POLICIES),
    // The pre-check and the index agree once the index is partial; as written neither text changes it.
    fact(
        "L38",
        "users",
        &[Code::CountsTombstones],
        &[Code::CountsTombstones],
        POLICIES,
    ),
    fact("L41", "docs", &[Code::DestroyedByParent], &[], ""),
    fact(
        "L48",
        "kid",
        &[Code::DestroyedByParent, Code::DeleteReplaced],
        &[Code::DestroyedByParent, Code::DeleteReplaced],
        "[tables.kid]\nmarker = \"is_active\"\nactive = \"is_active\"",
    ),
    fact(
        "L49",
        "kid",
        &[Code::DestroyedByParent, Code::DeleteReplaced],
        &[Code::DestroyedByParent, Code::DeleteReplaced],
        "",
    ),
    fact(
        "L50",
        "notes",
        &[Code::RowSecurityRefuses, Code::RowSecuritySkipped],
        &[Code::RowSecurityRefuses, Code::RowSecuritySkipped],
        "",
    ),
    fact(
        "L51",
        "notes",
        &[Code::RowSecurityRefuses, Code::RowSecuritySkipped],
        &[Code::RowSecurityRefuses, Code::RowSecuritySkipped],
        "",
    ),
    // The pattern is right: its unique key holds the primary key, and its foreign key the marker.
    fact(
        "L52",
        "pp",
        &[],
        &[],
        "markers = [\"deleted\"]\n[tables.pp.references]\nkk = \"restrict\"",
    ),
    fact(
        "L52",
        "kk",
        &[],
        &[],
        "markers = [\"deleted\"]\n[tables.pp.references]\nkk = \"restrict\"",
    ),
];

impl Plan {
    /// Is the database one that cannot run it?
    #[must_use]
    pub fn excluded(&self, dialect: Dialect) -> bool {
        self.not_on.iter().any(|(named, _)| *named == dialect)
    }
}
