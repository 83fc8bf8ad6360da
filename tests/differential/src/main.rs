//! Generated statements over generated data: the scoped statement, run on every row, must do what
//! the original does on a database without the rows outside of the scope.
//!
//! And a predicate of ours that is left out must be missed: rows are searched on which the
//! statement then gives something else.
//!
//! `SOFT_DELETE_SEED` and `SOFT_DELETE_STATEMENTS` choose another run, `SOFT_DELETE_FIRST` begins it at
//! a statement; `SOFT_DELETE_CORPUS` names a folder to write its statements to;
//! `SOFT_DELETE_TEST_POSTGRES_URL` and `SOFT_DELETE_TEST_MYSQL_URL` name servers on which databases
//! may be created, and `SOFT_DELETE_TEST_WITHOUT=postgres,mysql` does without.

mod analyser;
mod ast;
mod corpus;
mod database;
mod generate;
mod judge;
mod mutants;
mod mysql;
mod names;
mod opinion;
mod place;
mod postgres;
mod print;
mod prove;
mod report;
mod run;
mod shrink;
mod sqlite;
mod walk;
mod world;
mod wrong;

use analyser::Analyser;
use database::Database;
use mutants::Teeth;
use report::Report;
use run::Run;
use wrong::{Fault, Faulty};

/// What a run of the real analyser must reach.
fn assert_sound(report: &Report) {
    eprintln!("{report}");
    assert!(report.failures.count == 0, "{}", report.failed());
    assert!(
        report.valid_percent() >= 90.0,
        "the generator writes too much that the database rejects: {report}"
    );
    assert!(
        report.refused_percent() < 3.0,
        "the analyser refuses too much: {report}"
    );
    assert!(
        report.proven_percent() > 97.0,
        "too few proofs are accepted to say anything about them: {report}"
    );
}

/// What the hunt for mutants must reach.
fn assert_teeth(teeth: &Teeth) {
    eprintln!("{teeth}");
    assert!(teeth.percent() >= 90.0, "too many mutants survive: {teeth}");
    assert!(
        teeth.percent_of_all() >= 60.0,
        "too few predicates matter to say anything about them: {teeth}"
    );
}

/// Each wrong rewriter must be caught, and the right one must not.
fn assert_catches(database: &mut dyn Database) {
    let right = Run::of(1_000).until_wrong(database, &mut Faulty(Fault::None));
    assert!(right.caught.is_none(), "the oracle is wrong: {right:?}");
    for fault in Fault::ALL {
        let hunt = Run::of(5_000).until_wrong(database, &mut Faulty(fault));
        match hunt.caught {
            Some((statements, _)) => eprintln!("{fault:?} is caught after {statements} statements"),
            None => panic!("{fault:?} is not caught"),
        }
        let excused = hunt.excused;
        assert!(excused.is_empty(), "{fault:?} is excused: {excused:?}");
    }
}

#[test]
fn scoped_statements_on_sqlite_behave_as_if_the_deleted_rows_were_not_there() {
    let mut database = sqlite::Sqlite::new();
    let report = Run::of(6_000).execute(&mut database, &mut Analyser::default());
    assert_sound(&report);
}

#[test]
fn scoped_statements_on_postgres_behave_as_if_the_deleted_rows_were_not_there() {
    let Some(mut database) = postgres::Postgres::new("scoped") else {
        return;
    };
    let report = Run::of(3_000).execute(&mut database, &mut Analyser::default());
    assert_sound(&report);
}

#[test]
fn scoped_statements_on_mysql_behave_as_if_the_deleted_rows_were_not_there() {
    let Some(mut database) = mysql::Mysql::new("scoped") else {
        return;
    };
    let report = Run::of(1_500).execute(&mut database, &mut Analyser::default());
    assert_sound(&report);
}

#[test]
fn wrong_rewriters_are_caught_on_sqlite() {
    assert_catches(&mut sqlite::Sqlite::new());
}

#[test]
fn wrong_rewriters_are_caught_on_postgres() {
    if let Some(mut database) = postgres::Postgres::new("wrong") {
        assert_catches(&mut database);
    }
}

#[test]
fn wrong_rewriters_are_caught_on_mysql() {
    if let Some(mut database) = mysql::Mysql::new("wrong") {
        assert_catches(&mut database);
    }
}

#[test]
fn the_predicates_of_a_scoped_select_are_missed_on_sqlite() {
    assert_teeth(&mutants::hunt(&Run::of(200), &mut sqlite::Sqlite::new()));
}

#[test]
fn the_predicates_of_a_scoped_select_are_missed_on_postgres() {
    if let Some(mut database) = postgres::Postgres::new("mutants") {
        assert_teeth(&mutants::hunt(&Run::of(40), &mut database));
    }
}
