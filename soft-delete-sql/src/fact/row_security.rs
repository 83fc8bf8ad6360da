//! SD047, SD048: PostgreSQL's row-level security, where it hides deleted rows.

use std::collections::BTreeSet;

use super::{Cure, Fact, Subject, fault, listed, migration, text::Text};
use crate::{
    Code, Dialect, Scope,
    schema::{Attachment, AttachmentKind},
    scope::implies,
};

pub(super) const REFUSES: &str = "row_security_refuses";
pub(super) const SKIPPED: &str = "row_security_skipped";

/// A policy, as far as it is about rows that are there.
struct Policy<'a> {
    name: &'a str,
    permissive: bool,
    command: Command,
    /// The roles it is for; empty for all.
    roles: BTreeSet<String>,
    using: Option<&'a str>,
    check: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    All,
    Select,
    Update,
    Other,
}

/// What an UPDATE asks of the row that it makes.
#[derive(Clone, Copy)]
enum Side {
    Seen,
    Written,
}

impl<'a> Policy<'a> {
    fn read(attachment: &'a Attachment) -> Option<Self> {
        let text = Text::of(Dialect::Postgres, &attachment.sql)?;
        let command = match text.names(&["for"]).first().map(String::as_str) {
            None | Some("all") => Command::All,
            Some("select") => Command::Select,
            Some("update") => Command::Update,
            Some(_) => Command::Other,
        };
        let roles = text
            .names(&["to"])
            .into_iter()
            .filter(|role| role != "public");
        Some(Self {
            name: &attachment.name,
            permissive: !text.has(&["as", "restrictive"]),
            command,
            roles: roles.collect(),
            using: text.group(&["using"]),
            check: text.group(&["with", "check"]),
        })
    }

    /// The condition that a row must satisfy to be seen.
    fn seen(&self) -> Option<&'a str> {
        let is_read = matches!(self.command, Command::All | Command::Select);
        self.using.filter(|_| is_read)
    }

    /// The condition that an updated row must satisfy.
    fn written(&self) -> Option<&'a str> {
        let is_written = matches!(self.command, Command::All | Command::Update);
        self.check.or(self.using).filter(|_| is_written)
    }

    fn condition(&self, side: Side) -> Option<&'a str> {
        match side {
            Side::Seen => self.seen(),
            Side::Written => self.written(),
        }
    }

    fn is_for_all_of(&self, other: &Self) -> bool {
        self.roles.is_empty() || !other.roles.is_empty() && other.roles.is_subset(&self.roles)
    }
}

pub(super) fn facts(subject: &Subject<'_>) -> Vec<Fact> {
    let (table, dialect) = (subject.table, subject.schema.dialect);
    if dialect != Dialect::Postgres || !table.row_security.enabled {
        return Vec::new();
    }
    let policies: Vec<Policy<'_>> = table
        .attachments
        .iter()
        .filter(|known| known.kind == AttachmentKind::Policy)
        .filter_map(Policy::read)
        .collect();
    refuses(subject, &policies)
        .into_iter()
        .chain(skipped(subject, &policies))
        .collect()
}

fn hides(subject: &Subject<'_>, condition: &str) -> bool {
    implies(subject.schema, subject.table, condition, Scope::Active)
}

/// The row that a soft delete makes satisfies no policy.
fn refuses(subject: &Subject<'_>, policies: &[Policy<'_>]) -> Option<Fact> {
    let table = subject.table;
    let refuse = |policy: &Policy<'_>, of: Side| {
        let stands = |condition: &str| hides(subject, condition);
        // Permissive policies are joined by OR: one that lets the row through is enough.
        let lets_through = |other: &Policy<'_>| {
            other.permissive
                && other.is_for_all_of(policy)
                && other
                    .condition(of)
                    .is_some_and(|condition| !stands(condition))
        };
        policy.condition(of).is_some_and(stands)
            && !(policy.permissive && policies.iter().any(lets_through))
    };
    let found: Vec<&Policy<'_>> = policies
        .iter()
        .filter(|policy| refuse(policy, Side::Seen) || refuse(policy, Side::Written))
        .filter(|policy| !table.settings.accepts_of(REFUSES, policy.name))
        .collect();
    if found.is_empty() {
        return None;
    }
    let names: BTreeSet<String> = found.iter().map(|policy| policy.name.to_owned()).collect();
    let fault = fault(
        Code::RowSecurityRefuses,
        format!(
            "row-level security refuses the soft delete of `{}`: {} hides the row that it makes",
            subject.name(),
            listed(&names)
        ),
        "an UPDATE may make no row that the policies for SELECT hide: every soft delete fails with `new row violates \
         row-level security policy`",
    );
    let alters: Option<Vec<String>> = found.iter().map(|policy| alter(subject, policy)).collect();
    let cure = match alters {
        Some(alters) => Cure::Migration(alters.join("\n")),
        None => Cure::Words(format!(
            "take the test of the marker out of {}",
            listed(&names)
        )),
    };
    Some(subject.about(REFUSES, &names, fault, cure))
}

/// The policy without its test of the marker.
fn alter(subject: &Subject<'_>, policy: &Policy<'_>) -> Option<String> {
    let mut clauses = Vec::new();
    if let Some(using) = policy.seen().filter(|using| hides(subject, using)) {
        clauses.push(format!("USING ({})", without_marker(subject, using)?));
    }
    // Without WITH CHECK, USING stands for it.
    let check = if clauses.is_empty() {
        policy.written()
    } else {
        policy.check
    };
    if let Some(check) = check.filter(|check| hides(subject, check)) {
        clauses.push(format!("WITH CHECK ({})", without_marker(subject, check)?));
    }
    let own = migration::name(Dialect::Postgres, &subject.table.name);
    let name = Dialect::Postgres.quote(policy.name);
    Some(format!(
        "ALTER POLICY {name} ON {own} {};",
        clauses.join(" ")
    ))
}

fn without_marker(subject: &Subject<'_>, condition: &str) -> Option<String> {
    let conjuncts = Text::of(Dialect::Postgres, condition)?.conjuncts()?;
    let rest: Vec<&str> = conjuncts
        .into_iter()
        .filter(|part| !hides(subject, part))
        .collect();
    let rest = if rest.is_empty() {
        "true".to_owned()
    } else {
        rest.join(" AND ")
    };
    (!hides(subject, &rest)).then_some(rest)
}

/// The owner of a table is under no policy of it, unless it is forced.
fn skipped(subject: &Subject<'_>, policies: &[Policy<'_>]) -> Option<Fact> {
    let table = subject.table;
    let names: BTreeSet<String> = policies
        .iter()
        .filter(|policy| policy.using.is_some_and(|using| hides(subject, using)))
        .filter(|policy| !table.settings.accepts_of(SKIPPED, policy.name))
        .map(|policy| policy.name.to_owned())
        .collect();
    if table.row_security.forced || names.is_empty() {
        return None;
    }
    let fault = fault(
        Code::RowSecuritySkipped,
        format!(
            "{} hides the deleted rows of `{}`, and not from its owner",
            listed(&names),
            subject.name()
        ),
        "a role that owns the table is under no policy of it, and migrations, jobs and often the application itself \
         connect as that role",
    );
    let own = migration::name(Dialect::Postgres, &table.name);
    let cure = Cure::Migration(format!("ALTER TABLE {own} FORCE ROW LEVEL SECURITY;"));
    Some(subject.about(SKIPPED, &names, fault, cure))
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect::Postgres,
        fact::tests::{assert_cured, codes, of, schema},
    };

    fn notes(policies: &str) -> String {
        format!(
            "CREATE TABLE notes (id INT PRIMARY KEY, owner TEXT, deleted_at TIMESTAMP);\
             ALTER TABLE notes ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL SECURITY; {policies}"
        )
    }

    #[test]
    fn a_policy_that_shows_live_rows_only_refuses_the_soft_delete() {
        let sql = notes(
            "CREATE POLICY s ON notes FOR SELECT USING (deleted_at IS NULL); CREATE POLICY u ON notes FOR UPDATE USING (true);",
        );
        assert_eq!(codes(Postgres, &sql, "", "notes"), ["SD047"]);
        assert_eq!(
            assert_cured(Postgres, &sql, "", "notes"),
            "ALTER POLICY s ON notes USING (true);"
        );
        let sql = notes(
            "CREATE POLICY s ON notes USING (owner = current_user AND (deleted_at IS NULL)) WITH CHECK (deleted_at IS NULL AND owner <> '');",
        );
        assert_eq!(
            assert_cured(Postgres, &sql, "", "notes"),
            "ALTER POLICY s ON notes USING (owner = current_user) WITH CHECK (owner <> '');"
        );
        let sql = notes("CREATE POLICY u ON notes FOR UPDATE USING (deleted_at IS NULL);");
        assert_eq!(
            assert_cured(Postgres, &sql, "", "notes"),
            "ALTER POLICY u ON notes WITH CHECK (true);"
        );
        let toml = "[tables.notes.accept]\nrow_security_refuses.u = \"another role deletes\"";
        assert!(codes(Postgres, &sql, toml, "notes").is_empty());
    }

    #[test]
    fn a_policy_that_lets_the_row_through_is_none() {
        for policies in [
            "CREATE POLICY s ON notes FOR SELECT USING (owner = current_user);",
            "CREATE POLICY s ON notes FOR SELECT USING (deleted_at IS NULL OR owner = current_user);",
            "CREATE POLICY s ON notes FOR SELECT USING (deleted_at IS NULL); CREATE POLICY mine ON notes FOR SELECT USING (owner = current_user);",
            "CREATE POLICY u ON notes FOR UPDATE USING (deleted_at IS NULL) WITH CHECK (true);",
            "CREATE POLICY i ON notes FOR INSERT WITH CHECK (deleted_at IS NULL);",
            "CREATE POLICY s ON notes FOR SELECT USING (deleted_at IS NULL); ALTER POLICY s ON notes USING (true);",
            "CREATE POLICY s ON notes FOR SELECT USING (deleted_at IS NULL); ALTER POLICY s ON notes RENAME TO t; DROP POLICY t ON notes;",
            "CREATE POLICY s ON notes FOR SELECT USING (deleted_at IS NULL); ALTER TABLE notes DISABLE ROW LEVEL SECURITY;",
        ] {
            let found = codes(Postgres, &notes(policies), "", "notes");
            assert!(found.is_empty(), "{policies} {found:?}");
        }
    }

    #[test]
    fn a_policy_for_other_roles_lets_nothing_through() {
        let sql = notes(
            "CREATE POLICY s ON notes FOR SELECT TO app USING (deleted_at IS NULL); CREATE POLICY a ON notes FOR SELECT TO auditor USING (true);",
        );
        assert_eq!(codes(Postgres, &sql, "", "notes"), ["SD047"]);
        let sql = sql.replace("TO auditor", "TO auditor, app");
        assert!(codes(Postgres, &sql, "", "notes").is_empty());
        let sql = notes(
            "CREATE POLICY r ON notes AS RESTRICTIVE FOR SELECT USING (deleted_at IS NULL); CREATE POLICY a ON notes FOR SELECT USING (true);",
        );
        assert_eq!(codes(Postgres, &sql, "", "notes"), ["SD047"]);
    }

    #[test]
    fn a_policy_that_the_owner_skips_is_told_until_it_is_forced() {
        let sql = notes(
            "CREATE POLICY u ON notes FOR UPDATE USING (deleted_at IS NULL) WITH CHECK (true);",
        )
        .replace(" FORCE", " NO FORCE");
        assert_eq!(codes(Postgres, &sql, "", "notes"), ["SD048"]);
        assert_eq!(
            assert_cured(Postgres, &sql, "", "notes"),
            "ALTER TABLE notes FORCE ROW LEVEL SECURITY;"
        );
    }

    #[test]
    fn a_condition_whose_parts_cannot_be_told_apart_has_no_printed_migration() {
        let sql = notes(
            "CREATE POLICY s ON notes USING ((deleted_at IS NULL AND id BETWEEN 1 AND 2) OR (deleted_at IS NULL AND id > 5));",
        );
        let found = of(&schema(Postgres, &sql, ""), "notes");
        assert!(found[0].migration.is_empty());
        assert!(
            found[0]
                .diagnostic
                .help
                .starts_with("take the test of the marker out of `s`; accept")
        );
    }
}
