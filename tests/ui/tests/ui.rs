//! Runs the cases. Bless what is said with `TRYBUILD=overwrite`, and read it as a user would.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};

/// Set in the process that runs the cases.
const PHASE: &str = "UI_PHASE";

#[test]
fn queries_and_models_are_judged() {
    if phase().is_none() {
        let config = config("soft-delete.toml");
        return run("queries_and_models_are_judged", "cases", &[config]);
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*.rs");
    cases.pass("pass/*.rs");
}

macro_rules! schemas {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let directory = concat!("schemas/", stringify!($name));
            if phase().is_none() {
                let config = config(&format!("{directory}/soft-delete.toml"));
                return run(stringify!($name), "cases", &[config]);
            }
            trybuild::TestCases::new().compile_fail(format!("{directory}/*.rs"));
        }
    )*};
}

schemas! {
    a_column_that_resolves_conflicts
    a_marker_of_no_kind
    a_migration_that_cannot_be_read
    a_nullable_flag
    an_undecided_dialect
    an_unknown_key
    facts
    no_migrations
    personal_columns
    postgres
}

/// `typecheck = true`: sqlx's macros look at every statement, first in a database, then in what
/// they wrote down there.
#[test]
fn sqlx_checks_the_types() {
    let test = "sqlx_checks_the_types";
    match phase().as_deref() {
        None => {
            let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let (file, prepared) = (
                directory.join("typecheck.db"),
                directory.join("typecheck.sqlx"),
            );
            let _ = fs::remove_file(&file);
            let _ = fs::remove_dir_all(&prepared);
            fs::create_dir_all(&prepared).expect("a directory for what sqlx writes down");
            create(&file);
            let url = format!("sqlite://{}", file.display());
            let config = config("typecheck/soft-delete.toml");
            let offline_dir = ("SQLX_OFFLINE_DIR", prepared.clone().into_os_string());
            run(
                test,
                "online",
                &[
                    config.clone(),
                    ("DATABASE_URL", url.into()),
                    offline_dir.clone(),
                ],
            );
            let count = fs::read_dir(&prepared).map_or(0, Iterator::count);
            assert_eq!(
                count, 11,
                "one file for each statement, that of a_column_without_a_field.rs too"
            );
            let offline = ("SQLX_OFFLINE", "true".into());
            run(
                test,
                "offline",
                &[config, ("DATABASE_URL", "".into()), offline_dir, offline],
            );
        }
        Some(phase) => {
            let cases = trybuild::TestCases::new();
            cases.pass(format!("typecheck/{phase}/pass/*.rs"));
            cases.compile_fail(format!("typecheck/{phase}/fail/*.rs"));
        }
    }
}

/// The tables of the migrations, in a database file.
fn create(file: &Path) {
    let migration = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/0001_people.sql");
    let sql = fs::read_to_string(migration).expect("the migration");
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime
        .block_on(async {
            let mut db = options.connect().await?;
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                .execute(&mut db)
                .await?;
            db.close().await
        })
        .expect("a database");
}

fn phase() -> Option<String> {
    env::var(PHASE).ok()
}

type Variable = (&'static str, std::ffi::OsString);

/// The configuration, named as build.rs would.
fn config(file: &str) -> Variable {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    ("SOFT_DELETE_CONFIG", path.into_os_string())
}

/// Starts this test again with the variables set: a process cannot change its own environment
/// without `unsafe`.
fn run(test: &str, phase: &str, variables: &[Variable]) {
    let status = Command::new(env::current_exe().expect("the test is a program"))
        .args(["--exact", test, "--nocapture"])
        .env(PHASE, phase)
        .envs(variables.iter().cloned())
        .status()
        .expect("the test starts itself");
    assert!(status.success(), "{test}, {phase}: see above");
}
