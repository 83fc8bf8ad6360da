//! Generated statements over generated data: the scoped statement, run on every row, must do what
//! the original does on a database without the rows outside of the scope.
//!
//! And a predicate of ours that is left out must be missed: rows are searched on which the
//! statement then gives something else. `SOFT_DELETE_ROW_SETS` says how many are tried.
//!
//! `SOFT_DELETE_WITNESSES` says on how many more sets of rows each accepted statement is judged.
//!
//! `SOFT_DELETE_MERGE_BY_SOURCE` says that PostgreSQL is 17 or later, which knows that clause.
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
mod star;
mod walk;
mod world;
mod wrong;

use analyser::Analyser;
use database::Database;
use mutants::Teeth;
use report::Report;
use run::Run;
use soft_delete_sql::Dialect;
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

/// What the hunt for mutants must reach; a few statements can be unlucky ones.
fn assert_teeth(teeth: &Teeth) {
    eprintln!("{teeth}");
    let (matters, all) = match teeth.mutants() {
        200.. => (95.0, 60.0),
        _ => (80.0, 40.0),
    };
    assert!(
        teeth.percent() >= matters,
        "too many mutants survive: {teeth}"
    );
    assert!(
        teeth.percent_of_all() >= all,
        "too few predicates matter to say anything about them: {teeth}"
    );
}

/// Each wrong rewriter must be caught, and the right one must not.
fn assert_catches(database: &mut dyn Database) {
    let right = Run::of(1_000)
        .again(1, 4)
        .until_wrong(database, &mut Faulty(Fault::None));
    assert!(right.caught.is_none(), "the oracle is wrong: {right:?}");
    // Other rows cost a server more than another statement does.
    let every = match database.dialect() {
        Dialect::Sqlite => 1,
        Dialect::Postgres | Dialect::Mysql => 8,
    };
    for fault in Fault::ALL {
        let hunt = Run::of(5_000)
            .again(1, every)
            .until_wrong(database, &mut Faulty(fault));
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
    let report = Run::of(6_000)
        .again(1, 3)
        .execute(&mut database, &mut Analyser::default());
    assert_sound(&report);
}

#[test]
fn scoped_statements_on_postgres_behave_as_if_the_deleted_rows_were_not_there() {
    let Some(mut database) = postgres::Postgres::new("scoped") else {
        return;
    };
    let report = Run::of(3_000)
        .again(1, 6)
        .execute(&mut database, &mut Analyser::default());
    assert_sound(&report);
}

#[test]
fn scoped_statements_on_mysql_behave_as_if_the_deleted_rows_were_not_there() {
    let Some(mut database) = mysql::Mysql::new("scoped") else {
        return;
    };
    let report = Run::of(1_500)
        .again(1, 6)
        .execute(&mut database, &mut Analyser::default());
    assert_sound(&report);
}

/// A condition on a column that is not the marker proves nothing, and one on the marker mostly does.
fn assert_stars(database: &mut dyn Database) {
    let mut rng = fastrand::Rng::with_seed(7);
    let stars = star::stars(database, &mut rng, 6, 40);
    eprintln!(
        "{} joins, {} proofs of the marker",
        stars.judged, stars.proven
    );
    assert!(stars.wrong.is_empty(), "{:#?}", stars.wrong);
    assert!(
        stars.judged >= 60 && stars.proven * 5 >= stars.judged,
        "too few to say anything: {stars:?}"
    );
}

#[test]
fn a_star_over_sqlites_joins_has_its_columns_in_order() {
    assert_stars(&mut sqlite::Sqlite::new());
}

#[test]
fn a_star_over_postgres_joins_has_its_columns_in_order() {
    if let Some(mut database) = postgres::Postgres::new("star") {
        assert_stars(&mut database);
    }
}

#[test]
fn a_star_over_mysqls_joins_has_its_columns_in_order() {
    if let Some(mut database) = mysql::Mysql::new("star") {
        assert_stars(&mut database);
    }
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
fn the_predicates_of_a_scoped_statement_are_missed_on_sqlite() {
    assert_teeth(&mutants::hunt(&Run::of(160), &mut sqlite::Sqlite::new()));
}

#[test]
fn the_predicates_of_a_scoped_statement_are_missed_on_postgres() {
    if let Some(mut database) = postgres::Postgres::new("mutants") {
        assert_teeth(&mutants::hunt(&Run::of(24), &mut database));
    }
}

#[test]
fn the_predicates_of_a_scoped_statement_are_missed_on_mysql() {
    if let Some(mut database) = mysql::Mysql::new("mutants") {
        assert_teeth(&mutants::hunt(&Run::of(18), &mut database));
    }
}
