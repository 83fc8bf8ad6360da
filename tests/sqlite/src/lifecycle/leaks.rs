//! The lifecycle cases of tests/cases/data/leaks.json: each one's rows, our operation, what it expects.

use chrono::{NaiveDate, NaiveTime};
use soft_delete::{Error, SoftDeletable, Tombstones, soft_query};
use sqlx::Pool;
use test_cases::{
    case::{Case, Cases, Variant},
    database::outcome,
    plan::FACTS,
};

use super::world::{number, run};
use crate::{
    Db,
    database::with_contacts,
    dialect::upsert_bob,
    sql::{self, Moment},
};

/// What the lifecycle has to hold. Those that are about a schema are judged in tests/cases.
const WANTED: [&str; 19] = [
    "L16", "L19", "L20", "L33", "L34", "L35", "L36", "L37", "L38", "L39", "L40", "L41", "L48",
    "L49", "L50", "L51", "L52", "L54", "L55",
];

/// Reasons that were collected without a case.
const WITHOUT_CASE: [&str; 2] = ["L35", "L37"];

macro_rules! cases {
    ($($id:literal $name:ident $test:expr;)*) => {
        const HELD: &[&str] = &[$($id),*];

        $(
            #[tokio::test]
            async fn $name() {
                on($id, $test).await;
            }
        )*
    };
}

#[test]
fn every_case_of_the_lifecycle_is_held_here_or_a_fact_of_its_schema() {
    let cases = Cases::load();
    for id in WANTED {
        let is_there = cases.cases.iter().any(|case| case.id == id);
        let is_held = HELD.contains(&id);
        let is_fact = FACTS.iter().any(|plan| plan.id == id);
        assert_eq!(is_there, !WITHOUT_CASE.contains(&id), "{id}");
        assert_eq!(is_there, is_held != is_fact, "{id}");
    }
    assert!(HELD.iter().all(|id| WANTED.contains(id)));
}

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "users")]
struct User {
    id: i32,
    deleted_at: Option<Moment>,
}

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "posts")]
struct Post {
    id: i32,
    deleted_at: Option<Moment>,
}

#[derive(Debug, sqlx::FromRow, SoftDeletable)]
#[soft_delete(table = "comments")]
struct Comment {
    id: i32,
    deleted_at: Option<Moment>,
}

cases! {
    "L16" a_second_delete_stamps_nothing async |pool: &Pool<Db>| {
        let again = Post::soft_delete_by_key(11).execute(pool).await;
        assert!(matches!(again, Err(Error::AlreadyDeleted { table: "posts" })), "{again:?}");
        let posts = soft_query!(soft_delete, "DELETE FROM posts WHERE author_id = 1");
        assert_eq!(posts.execute(pool).await.unwrap().rows_affected(), 1);
    };

    "L19" a_restore_leaves_what_was_deleted_on_its_own async |pool: &Pool<Db>| {
        // As the case deleted them, then as we do.
        adopt(pool, &["posts", "comments"]).await;
        Post::restore_by_key(10).execute(pool).await.unwrap();
        assert_eq!(number(pool, LIVE_COMMENTS).await, 1);
        Post::soft_delete_by_key(10).execute(pool).await.unwrap();
        assert_eq!(number(pool, LIVE_COMMENTS).await, 0);
        Post::restore_by_key(10).execute(pool).await.unwrap();
    };

    "L20" no_child_is_inserted_under_a_deleted_parent async |pool: &Pool<Db>| {
        let mut transaction = pool.begin().await.unwrap();
        let parent = User::lock_active_by_key(2, &mut transaction).await;
        assert!(matches!(parent, Err(Error::AlreadyDeleted { table: "users" })), "{parent:?}");
        let parent = User::lock_active_by_key(1, &mut transaction).await.unwrap();
        assert_eq!(parent.id, 1);
        transaction.commit().await.unwrap();

        let orphan = soft_query!(
            active,
            "INSERT INTO posts (id, author_id, title) SELECT 20, u.id, 'n' FROM users u WHERE u.id = 2"
        );
        assert_eq!(orphan.execute(pool).await.unwrap().rows_affected(), 0);
        let child = soft_query!(
            active,
            "INSERT INTO posts (id, author_id, title) SELECT 21, u.id, 'n' FROM users u WHERE u.id = 1"
        );
        assert_eq!(child.execute(pool).await.unwrap().rows_affected(), 1);
    };

    "L33" an_update_of_the_whole_row_revives_nothing async |pool: &Pool<Db>| {
        let update = soft_query!(active, "UPDATE posts SET title = 'b2' WHERE id = 11");
        assert_eq!(update.execute(pool).await.unwrap().rows_affected(), 0);
    };

    "L36" a_restore_names_the_live_twin async |pool: &Pool<Db>| {
        let error = User::restore_by_key(2).execute(pool).await.unwrap_err();
        let Error::Conflict { table: "users", constraint, live } = error else {
            panic!("{error:?}");
        };
        assert_eq!(constraint.as_deref(), Some("u_live"));
        assert_eq!(live.as_deref(), Some("8"));
    };

    "L39" two_deletions_of_one_moment_stay_apart async |pool: &Pool<Db>| {
        let mut transaction = pool.begin().await.unwrap();
        Comment::soft_delete_by_key(100).execute(&mut *transaction).await.unwrap();
        Post::soft_delete_by_key(10).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        let moments = "SELECT count(DISTINCT p.deleted_at) FROM posts p \
                       JOIN comments c ON c.post_id = p.id AND c.deleted_at = p.deleted_at \
                       WHERE p.id = 10";
        assert_eq!(number(pool, moments).await, 1);
        Post::restore_by_key(10).execute(pool).await.unwrap();
    };

    "L40" a_live_child_restricts_the_deletion async |pool: &Pool<Db>| {
        let one = User::soft_delete_by_key(1).execute(pool).await.map(|_| ());
        let many = soft_query!(soft_delete, "DELETE FROM users WHERE id = 1");
        for error in [one.unwrap_err(), many.execute(pool).await.unwrap_err()] {
            let by_posts = Error::Restricted { table: "users", by: "posts", rows: 1 };
            assert_eq!(error.to_string(), by_posts.to_string());
        }
    };

    "L54" a_purge_takes_deleted_rows_only async |pool: &Pool<Db>| {
        let first_of = |month: u32| {
            let day = NaiveDate::from_ymd_opt(2026, month, 1).expect("a day");
            sql::moment(day.and_time(NaiveTime::MIN))
        };
        let old = Tombstones::deleted_between(first_of(1), first_of(2));
        let would = Comment::purge_all(old).dry_run(pool).await.unwrap();
        assert_eq!(would.rows_affected(), 2);
        let purge =
            soft_query!(purge, "DELETE FROM comments WHERE deleted_at < '2026-02-01 00:00:00'");
        assert_eq!(purge.execute(pool).await.unwrap().rows_affected(), 2);
    };

    "L55" an_upsert_passes_the_deleted_row_by async |pool: &Pool<Db>| {
        assert_eq!(upsert_bob(pool).await, 1);
        let left = "SELECT count(*) FROM users WHERE id = 2 AND deleted_at IS NOT NULL AND name = 'Bob'";
        assert_eq!(number(pool, left).await, 1);
    };
}

const LIVE_COMMENTS: &str =
    "SELECT count(*) FROM comments WHERE post_id = 10 AND deleted_at IS NULL";

/// Runs an operation on the rows of a case; then its probe reads what the case expects.
async fn on(id: &str, operation: impl AsyncFnOnce(&Pool<Db>)) {
    let cases = Cases::load();
    let case: &Case = cases
        .cases
        .iter()
        .find(|case| case.id == id)
        .expect("a case of this id");
    let probe = case.probe.as_deref().expect("a probe");
    let expected = case.expected(sql::DIALECT).expect("rows that are expected");
    with_contacts(async |pool| {
        fill(pool, &cases, case).await;
        operation(pool).await;
        let mut connection = pool.acquire().await.expect("a connection");
        let rows = outcome(&mut *connection, probe, None).await;
        assert_eq!(&rows.expect("the probe runs"), expected, "{id}");
    })
    .await;
}

/// The tables and rows of the file take the place of the migrated ones, with the columns that the
/// operations need.
async fn fill(pool: &Pool<Db>, cases: &Cases, case: &Case) {
    for table in ["sessions", "comments", "posts", "users"] {
        run(pool, &format!("DROP TABLE {table}")).await;
    }
    // One deletes its rows in its setup, at a moment that only PostgreSQL shares: here the operations do.
    let script = match case.id.as_str() {
        "L39" => cases.rows(sql::DIALECT),
        _ => cases.script(case, Variant::Safe, sql::DIALECT),
    };
    // MySQL wants a space in a comment.
    let script = script.replace(PARTIAL_KEY, sql::LIVE_KEY);
    run(pool, &script.replace("--@", "-- @")).await;
    for table in ["users", "posts", "comments"] {
        let add = format!("ALTER TABLE {table} ADD COLUMN deleted_operation varchar(191)");
        run(pool, &add).await;
    }
}

/// As the file has it.
const PARTIAL_KEY: &str = "CREATE UNIQUE INDEX u_live ON users (email) WHERE deleted_at IS NULL";

/// The ids that a case wrote by hand.
async fn adopt(pool: &Pool<Db>, tables: &[&str]) {
    for table in tables {
        let adopt = format!("UPDATE {table} SET deleted_operation = del_op");
        run(pool, &adopt).await;
    }
}
