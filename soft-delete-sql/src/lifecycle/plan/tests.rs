//! What of a plan no row shows: how many statements it takes, and what a hook is told.

use crate::{
    Dialect, Schema,
    lifecycle::{Effect, Plan, Stage, Which, plan},
    schema::{Config, from_sql},
};

const DIALECTS: [Dialect; 3] = [Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql];

fn of_first(dialect: Dialect, sql: &str, toml: &str) -> Plan {
    let config = Config::parse(toml, "soft-delete.toml".as_ref()).expect("a configuration");
    let schema: Schema = from_sql(dialect, sql, &config).expect("a schema");
    plan(&schema, 0).expect("a plan")
}

const CARDS: &str = "CREATE TABLE cards (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));";

/// How the statements of both removals begin.
fn removals(plan: &Plan) -> Vec<&str> {
    let changes = [&plan.purge, &plan.erase];
    let roots = changes.iter().flat_map(|change| &change.roots);
    roots
        .filter_map(|(_, text)| text.sql.split(' ').next())
        .collect()
}

#[test]
fn a_removal_is_one_statement_where_nothing_follows_and_nothing_is_recorded() {
    let others = "CREATE TABLE teams (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36));
        CREATE TABLE members (id BIGINT PRIMARY KEY, team_id BIGINT, deleted_at TIMESTAMP NULL, \
        deleted_operation CHAR(36), FOREIGN KEY (team_id) REFERENCES teams (id));";
    let toml = "[tables.teams.references]\nmembers = \"cascade\"";
    for dialect in DIALECTS {
        let plan = of_first(dialect, &format!("{CARDS}{others}"), toml);
        for change in [&plan.purge, &plan.erase] {
            assert!(change.stages.is_empty() && change.audits.is_empty());
        }
        let deletes = removals(&plan).into_iter().all(|word| word == "DELETE");
        assert!(deletes, "{plan:?}");
    }
}

#[test]
fn rows_are_marked_before_they_are_recorded_and_removed() {
    for (dialect, audit) in [
        (Dialect::Postgres, include_str!("../audit/postgres.sql")),
        (Dialect::Sqlite, include_str!("../audit/sqlite.sql")),
        (Dialect::Mysql, include_str!("../audit/mysql.sql")),
    ] {
        let plan = of_first(dialect, &format!("{CARDS}{audit}"), "");
        let updates = removals(&plan).into_iter().all(|word| word == "UPDATE");
        assert!(updates, "{plan:?}");
        for change in [&plan.purge, &plan.erase] {
            let recorded = |stage: &Stage| match stage {
                Stage::Once(step) => step.text.sql.starts_with("INSERT "),
                Stage::Repeat(_) | Stage::Collect(_) => false,
            };
            assert!(change.stages.iter().any(recorded) && change.audits.is_empty());
        }
    }
}

#[test]
fn what_a_cascade_reaches_is_told_where_it_has_a_key() {
    let marks = "card_id BIGINT, deleted_at TIMESTAMP NULL, deleted_operation CHAR(36), \
                 FOREIGN KEY (card_id) REFERENCES cards (id)";
    let sql = format!(
        "{CARDS}CREATE TABLE notes (id BIGINT PRIMARY KEY, {marks}); CREATE TABLE marks ({marks});"
    );
    let toml = "[tables.cards.references]\nnotes = \"cascade\"\nmarks = \"cascade\"";
    for dialect in DIALECTS {
        let plan = of_first(dialect, &sql, toml);
        for change in [
            &plan.soft_delete,
            &plan.restore.change,
            &plan.purge,
            &plan.erase,
        ] {
            let mut told = change.stages.iter().filter_map(|stage| match stage {
                Stage::Collect(tables) => Some(tables),
                Stage::Once(_) | Stage::Repeat(_) => None,
            });
            let names = |tables: &Vec<(String, _)>| -> Vec<String> {
                tables.iter().map(|(table, _)| table.clone()).collect()
            };
            assert_eq!(told.next().map(names), Some(vec!["notes".to_owned()]));
            assert_eq!(told.next(), None);
            assert_eq!(change.roots[0].0, Which::Key);
        }
    }
}

#[test]
fn what_restricts_an_operation_is_looked_at_when_all_that_goes_is_gone() {
    let sql = format!(
        "{CARDS}CREATE TABLE notes (id BIGINT PRIMARY KEY, card_id BIGINT, deleted_at TIMESTAMP NULL, \
         FOREIGN KEY (card_id) REFERENCES cards (id));"
    );
    for dialect in DIALECTS {
        let plan = of_first(
            dialect,
            &sql,
            "[tables.cards.references]\nnotes = \"restrict\"",
        );
        let change = &plan.soft_delete;
        assert!(change.checks.is_empty() && change.blocks.is_empty() && change.locks.is_empty());
        for (_, text) in &change.roots {
            assert!(!text.sql.contains("notes"), "{}", text.sql);
        }
        let Some(Stage::Once(last)) = change.stages.last() else {
            panic!("{change:?}");
        };
        assert_eq!((last.effect, &*last.table), (Effect::Restricted, "notes"));
    }
}

#[test]
fn only_live_rows_restrict_and_only_live_ones_are_restricted() {
    let sql = "CREATE TABLE codes (id BIGINT PRIMARY KEY, deleted_at TIMESTAMP NULL);
        CREATE TABLE uses (id BIGINT PRIMARY KEY, code_id BIGINT, deleted_at TIMESTAMP NULL, \
        FOREIGN KEY (code_id) REFERENCES codes (id));";
    for dialect in DIALECTS {
        let plan = of_first(
            dialect,
            sql,
            "[tables.codes.references]\nuses = \"restrict\"",
        );
        let change = &plan.soft_delete;
        let (key, root) = &change.roots[0];
        assert_eq!(*key, Which::Key);
        assert!(root.sql.contains("r0.deleted_at IS NULL"), "{}", root.sql);
        let blocks = change.blocks.iter().map(|(_, step)| step);
        for step in change.checks.iter().chain(blocks) {
            let live = "p.deleted_at IS NULL AND c.deleted_at IS NULL";
            assert!(step.text.sql.contains(live), "{}", step.text.sql);
        }
        assert_eq!((change.checks.len(), change.blocks.len()), (1, 1));
    }
}

#[test]
fn the_end_of_a_restore_writes_the_rows_that_it_restored() {
    let sql = format!(
        "{CARDS}CREATE TABLE notes (id BIGINT PRIMARY KEY, card_id BIGINT, deleted_at TIMESTAMP NULL, \
         deleted_operation CHAR(36), FOREIGN KEY (card_id) REFERENCES cards (id));"
    );
    for dialect in DIALECTS {
        let plan = of_first(
            dialect,
            &sql,
            "[tables.cards.references]\nnotes = \"cascade\"",
        );
        let marks = |stages: &[Stage]| -> Vec<String> {
            let steps = stages.iter().filter_map(|stage| match stage {
                Stage::Once(step) if step.effect == Effect::Mark => Some(step),
                _ => None,
            });
            let tests = steps.map(|step| step.text.sql.split_once(" WHERE "));
            tests.flatten().map(|(_, test)| test.to_owned()).collect()
        };
        let of = match dialect {
            Dialect::Postgres => "$1",
            Dialect::Sqlite => "?1",
            Dialect::Mysql => "?",
        };
        let one = format!("c.deleted_operation = {of} AND c.deleted_at IS NULL");
        assert_eq!(marks(&plan.restore.change.stages), [&*one, &*one]);
        let any = "c.deleted_operation IS NOT NULL AND c.deleted_at IS NULL";
        assert_eq!(marks(&plan.restore.stages), [any, any]);
    }
}

/// The statements that take back what a restore of the first table brought back too early.
fn retracted(dialect: Dialect, sql: &str, toml: &str) -> Vec<String> {
    let plan = of_first(dialect, sql, toml);
    let steps = plan
        .restore
        .change
        .stages
        .iter()
        .flat_map(|stage| match stage {
            Stage::Repeat(steps) => steps.clone(),
            Stage::Once(step) => vec![step.clone()],
            Stage::Collect(_) => Vec::new(),
        });
    let own = steps.filter(|step| step.effect == Effect::Retract);
    own.map(|step| step.text.sql).collect()
}

const REFERENCES: &str = "[tables.teams.references]\ntasks = \"cascade\"\n[tables.tasks.references]\ntasks = \"cascade\"\n";

/// Tasks of a team that may hang on one another.
fn tasks(marks: &str) -> String {
    format!(
        "CREATE TABLE teams (id BIGINT PRIMARY KEY, erased_at TIMESTAMP NULL, deleted_at TIMESTAMP NULL, \
         deleted_by BIGINT, deleted_reason TEXT, deleted_operation CHAR(36)); \
         CREATE TABLE tasks (id BIGINT PRIMARY KEY, team_id BIGINT, next_id BIGINT, title TEXT, \
         erased_at TIMESTAMP NULL, deleted_by BIGINT, deleted_operation CHAR(36), {marks}, \
         FOREIGN KEY (team_id) REFERENCES teams (id), FOREIGN KEY (next_id) REFERENCES tasks (id));"
    )
}

#[test]
fn what_came_back_too_early_goes_again_with_all_that_the_delete_wrote() {
    let full = tasks("deleted_at TIMESTAMP NULL, deleted_reason TEXT");
    let without = tasks("deleted_at TIMESTAMP NULL");
    let flagged = tasks("is_deleted BOOLEAN NOT NULL DEFAULT FALSE");
    for dialect in DIALECTS {
        let texts = retracted(dialect, &full, REFERENCES);
        assert_eq!(texts.len(), 2, "{texts:?}");
        for text in &texts {
            for column in ["deleted_at", "deleted_by", "deleted_reason"] {
                assert!(text.contains(&format!("{column} = p.{column}")), "{text}");
            }
        }
        let texts = retracted(dialect, &without, REFERENCES);
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(
            texts.iter().all(|text| !text.contains("deleted_reason")),
            "{texts:?}"
        );
        let markers = "markers = [\"deleted_at\", \"is_deleted\"]\n";
        let texts = retracted(dialect, &flagged, &format!("{markers}{REFERENCES}"));
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(
            texts.iter().all(|text| text.contains("is_deleted = TRUE")),
            "{texts:?}"
        );
    }
}

#[test]
fn nothing_is_taken_back_without_a_circle_or_where_it_would_lose_something() {
    let own = "CREATE TABLE nodes (id BIGINT PRIMARY KEY, next_id BIGINT, deleted_at TIMESTAMP NULL, \
                 deleted_operation CHAR(36), FOREIGN KEY (next_id) REFERENCES nodes (id));";
    let straight = format!(
        "{CARDS}CREATE TABLE notes (id BIGINT PRIMARY KEY, card_id BIGINT, deleted_at TIMESTAMP NULL, \
         deleted_operation CHAR(36), FOREIGN KEY (card_id) REFERENCES cards (id));"
    );
    let kept = format!(
        "[tables.tasks]\nerase = \"overwrite\"\npersonal = {{ title = \"NULL\" }}\nperson = []\n\
         [tables.teams]\nerase = \"overwrite\"\npersonal = {{ }}\n{REFERENCES}"
    );
    let counted = format!("[tables.tasks]\nnow = \"unixepoch()\"\n{REFERENCES}");
    let full = tasks("deleted_at TIMESTAMP NULL, deleted_reason TEXT");
    for dialect in DIALECTS {
        for (sql, toml) in [
            (own, "[tables.nodes.references]\nnodes = \"cascade\""),
            (&straight, "[tables.cards.references]\nnotes = \"cascade\""),
            (&tasks("deleted_at DATE NULL"), REFERENCES),
            (&tasks("deleted_at BIGINT NOT NULL DEFAULT 0"), &counted),
            (&full, &kept),
        ] {
            assert_eq!(retracted(dialect, sql, toml), Vec::<String>::new(), "{sql}");
        }
    }
}
