//! SD046: a trigger or rule by which a DELETE of the table deletes nothing.

use std::collections::BTreeSet;

use super::{Cure, Fact, Subject, fault, listed, migration, text::Text};
use crate::{
    Code, Dialect, Schema,
    schema::{Attachment, AttachmentKind},
};

pub(super) const ACCEPT: &str = "delete_trigger";

pub(super) fn fact(subject: &Subject<'_>) -> Option<Fact> {
    let table = subject.table;
    let found: Vec<&Attachment> = table
        .attachments
        .iter()
        .filter(|known| replaces(subject.schema, known))
        .filter(|known| !table.settings.accepts_of(ACCEPT, &known.name))
        .collect();
    if found.is_empty() {
        return None;
    }
    let names: BTreeSet<String> = found.iter().map(|known| known.name.clone()).collect();
    let fault = fault(
        Code::DeleteReplaced,
        format!(
            "{} of `{}` can take the place of a DELETE",
            listed(&names),
            subject.name()
        ),
        "a purge or an erase then reports rows as removed that are still there, and a row that is deleted with its \
         parent stays behind with a reference to nothing",
    );
    let dialect = subject.schema.dialect;
    let own = migration::name(dialect, &table.name);
    let drops: Vec<String> = found
        .iter()
        .map(|known| {
            let name = dialect.quote(&known.name);
            match known.kind {
                AttachmentKind::Rule => format!("DROP RULE {name} ON {own};"),
                _ if dialect == Dialect::Postgres => format!("DROP TRIGGER {name} ON {own};"),
                _ => format!("DROP TRIGGER {name};"),
            }
        })
        .collect();
    let cure = Cure::Migration(drops.join("\n"));
    Some(subject.about(ACCEPT, &names, fault, cure))
}

fn replaces(schema: &Schema, attachment: &Attachment) -> bool {
    let Some(text) = Text::of(schema.dialect, &attachment.sql) else {
        return true;
    };
    match attachment.kind {
        AttachmentKind::Rule => text.has(&["on", "delete", "to"]) && text.has(&["instead"]),
        AttachmentKind::Trigger => trigger(schema, &text),
        AttachmentKind::Policy => false,
    }
}

fn trigger(schema: &Schema, text: &Text<'_>) -> bool {
    // `BEFORE INSERT OR DELETE ON t`: the body has events of its own.
    let head = text.all(&["on"]).next().unwrap_or_default();
    let has = |words: &[&str]| text.has_before(head, words);
    if !has(&["delete"]) || has(&["after"]) || has(&["instead", "of"]) {
        return false;
    }
    match schema.dialect {
        // It ends the statement with an error, or not at all.
        Dialect::Mysql => false,
        Dialect::Sqlite => text.has(&["raise", "(", "ignore"]),
        // What a trigger for the statement returns is ignored.
        Dialect::Postgres => {
            let each_row = text.has(&["each", "row"]) || text.has(&["for", "row"]);
            each_row && cancels(schema, text)
        }
    }
}

/// False when the function is known and returns the row whenever one is deleted.
fn cancels(schema: &Schema, text: &Text<'_>) -> bool {
    let mut name = text.dotted(&["execute", "function"]);
    if name.is_empty() {
        name = text.dotted(&["execute", "procedure"]);
    }
    let functions = schema.functions_named(&name);
    let [function] = functions[..] else {
        return true;
    };
    let Some(body) = Text::of(schema.dialect, &function.body) else {
        return true;
    };
    let by_event = body.has(&["tg_op"]) && body.has(&["return", "old"]);
    let returns_row = |at: usize| {
        body.are(at + 1, &["old"])
            || body.are(at + 1, &["coalesce", "(", "old", ",", "new", ")"])
            || body.are(at + 1, &["coalesce", "(", "new", ",", "old", ")"])
            || by_event && body.are(at + 1, &["new"])
    };
    let mut returns = body.all(&["return"]).peekable();
    returns.peek().is_none() || !returns.all(returns_row)
}

#[cfg(test)]
mod tests {
    use crate::{
        Dialect,
        fact::tests::{assert_cured, codes},
    };

    fn postgres(body: &str, trigger: &str) -> String {
        format!(
            "CREATE TABLE kid (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ);\
             CREATE FUNCTION soft() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;\
             CREATE TRIGGER t {trigger} ON kid FOR EACH ROW EXECUTE FUNCTION soft();"
        )
    }

    #[test]
    fn a_trigger_that_cancels_the_delete_is_told_and_dropped() {
        let sql = postgres(
            "UPDATE kid SET deleted_at = now() WHERE id = OLD.id; RETURN NULL;",
            "BEFORE DELETE",
        );
        assert_eq!(
            assert_cured(Dialect::Postgres, &sql, "", "kid"),
            "DROP TRIGGER t ON kid;"
        );
        let sql = "CREATE TABLE kid (id INTEGER PRIMARY KEY, deleted_at TEXT);\
             CREATE TRIGGER t BEFORE DELETE ON kid BEGIN UPDATE kid SET deleted_at = 'now' WHERE id = OLD.id; SELECT RAISE(IGNORE); END;";
        assert_eq!(
            assert_cured(Dialect::Sqlite, sql, "", "kid"),
            "DROP TRIGGER t;"
        );
        let toml = "[tables.kid.accept]\ndelete_trigger.t = \"it lets the purge through\"";
        assert!(codes(Dialect::Sqlite, sql, toml, "kid").is_empty());
    }

    #[test]
    fn a_trigger_that_lets_the_delete_through_is_none() {
        for (body, trigger) in [
            ("RETURN OLD;", "BEFORE DELETE"),
            ("RETURN COALESCE(NEW, OLD);", "BEFORE INSERT OR DELETE"),
            (
                "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
                "BEFORE UPDATE OR DELETE",
            ),
            ("RETURN NULL;", "AFTER DELETE"),
            ("RETURN NULL;", "BEFORE UPDATE"),
        ] {
            let found = codes(Dialect::Postgres, &postgres(body, trigger), "", "kid");
            assert!(found.is_empty(), "{body} {trigger}");
        }
        let sql = "CREATE TABLE kid (id INTEGER PRIMARY KEY, deleted_at TEXT); CREATE TABLE log (id INTEGER);\
             CREATE TRIGGER t BEFORE DELETE ON kid BEGIN INSERT INTO log VALUES (OLD.id); END;";
        assert!(codes(Dialect::Sqlite, sql, "", "kid").is_empty());
    }

    #[test]
    fn what_the_function_does_is_not_guessed() {
        for (body, trigger) in [
            ("RETURN NEW;", "BEFORE DELETE"),
            ("RETURN decide(OLD);", "BEFORE DELETE"),
            (
                "IF OLD.id > 1 THEN RETURN OLD; END IF; RETURN NULL;",
                "BEFORE UPDATE OR DELETE",
            ),
        ] {
            let found = codes(Dialect::Postgres, &postgres(body, trigger), "", "kid");
            assert_eq!(found, ["SD046"], "{body} {trigger}");
        }
    }

    #[test]
    fn a_rule_instead_of_the_delete_is_told_and_dropped() {
        let sql = "CREATE TABLE kid (id BIGINT PRIMARY KEY, deleted_at TIMESTAMPTZ);\
             CREATE RULE r AS ON DELETE TO kid DO INSTEAD UPDATE kid SET deleted_at = now() WHERE id = OLD.id;";
        assert_eq!(
            assert_cured(Dialect::Postgres, sql, "", "kid"),
            "DROP RULE r ON kid;"
        );
        let sql = sql.replace("INSTEAD UPDATE", "ALSO UPDATE");
        assert!(codes(Dialect::Postgres, &sql, "", "kid").is_empty());
    }
}
