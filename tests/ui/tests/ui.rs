//! Runs the cases. Bless what is said with `TRYBUILD=overwrite`, and read it as a user would.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

const CONFIG: &str = "SOFT_DELETE_CONFIG";

#[test]
fn queries_and_models_are_judged() {
    if with_config("soft-delete.toml", "queries_and_models_are_judged") {
        let cases = trybuild::TestCases::new();
        cases.compile_fail("fail/*.rs");
        cases.pass("pass/*.rs");
    }
}

macro_rules! schemas {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            let directory = concat!("schemas/", stringify!($name));
            if with_config(&format!("{directory}/soft-delete.toml"), stringify!($name)) {
                trybuild::TestCases::new().compile_fail(format!("{directory}/*.rs"));
            }
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
    no_migrations
    postgres
}

/// True where the cases may run: in a process whose environment names the configuration, as
/// build.rs would. A process cannot change its own without `unsafe`, so the test starts itself.
fn with_config(config: &str, test: &str) -> bool {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join(config);
    if env::var_os(CONFIG).map(PathBuf::from).as_deref() == Some(&config) {
        return true;
    }
    let status = Command::new(env::current_exe().expect("the test is a program"))
        .args(["--exact", test, "--nocapture"])
        .env(CONFIG, &config)
        .status()
        .expect("the test starts itself");
    assert!(status.success(), "see above");
    false
}
