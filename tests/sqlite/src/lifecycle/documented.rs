//! The code of docs/lifecycle.md.

use soft_delete::{
    Active, Deleted, SoftDeletable, Tombstones, assert_active, assert_soft_deleted, soft_query,
};

use super::{
    model::{Issue, Member, Project, Team},
    personal::{Customer, with_customers},
    world::with_teams,
};

type Tested = Result<(), Box<dyn std::error::Error>>;

async fn one_row(pool: &sqlx::Pool<crate::Db>) -> Tested {
    let issue: Active<Issue> = soft_query!(Active<Issue>, "SELECT * FROM issues WHERE id = 100")
        .fetch_one(pool)
        .await?;
    let gone: Deleted<Issue> = issue
        .soft_delete()
        .by(7)
        .because("duplicate")
        .execute(pool)
        .await?;
    let back: Active<Issue> = gone.restore().execute(pool).await?;
    assert_eq!(back.id, 100);

    Issue::soft_delete_by_key(100).by(7).execute(pool).await?;
    Member::soft_delete_by_key((2, 1)).execute(pool).await?;
    assert_soft_deleted!(Issue, 100, pool);
    assert_soft_deleted!(Member, (2, 1), pool);
    Ok(())
}

async fn what_hangs_on_a_row(pool: &sqlx::Pool<crate::Db>) -> Tested {
    let (gone, outcome) = Team::soft_delete_by_key(1)
        .by(7)
        .because("closed")
        .execute_with_outcome(pool)
        .await?;
    assert_eq!(outcome.dependents().len(), 6);

    let (team, outcome) = gone
        .restore()
        .leave_conflicts()
        .execute_with_outcome(pool)
        .await?;
    assert!(outcome.left_deleted().is_empty());
    assert_eq!(team.name, "core");
    Ok(())
}

async fn many_rows(pool: &sqlx::Pool<crate::Db>) -> Tested {
    let outcome = Issue::soft_delete_by_keys([100, 101])
        .by(7)
        .execute(pool)
        .await?;
    let id = outcome.operation_id().expect("issues has the column");
    Issue::restore_all(Tombstones::of_operation(id))
        .execute(pool)
        .await?;

    soft_query!(soft_delete, "DELETE FROM issues WHERE title = 'a'")
        .by(7_i64)
        .execute(pool)
        .await?;
    soft_query!(
        restore,
        "UPDATE issues SET deleted_at = NULL WHERE title = 'a'"
    )
    .execute(pool)
    .await?;
    assert_active!(Issue, 100, pool);

    let outcome = Team::soft_delete_by_key(1).dry_run(pool).await?;
    assert_eq!(outcome.rows_affected(), 1);
    assert_active!(Team, 1, pool);
    Ok(())
}

async fn a_child(pool: &sqlx::Pool<crate::Db>) -> Tested {
    let mut transaction = pool.begin().await?;
    let project = Project::lock_active_by_key(20, &mut transaction).await?;
    sqlx::query("INSERT INTO issues (id, project_id, title) VALUES (900, 20, 'new')")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    assert_eq!(project.name, "book");
    assert_active!(Issue, 900, pool);
    Ok(())
}

async fn a_persons_data(pool: &sqlx::Pool<crate::Db>) -> Tested {
    let outcome = Customer::erase_by_key(1).execute(pool).await?;
    assert_eq!(outcome.overwritten().len(), 5);
    Ok(())
}

async fn in_tests(pool: &sqlx::Pool<crate::Db>) -> Tested {
    assert_active!(Issue, 101, pool);
    Issue::soft_delete_by_key(101).execute(pool).await?;
    assert_soft_deleted!(Issue, 101, pool);
    Ok(())
}

#[tokio::test]
async fn the_code_of_the_page_runs() {
    with_teams(async |pool| one_row(pool).await.unwrap()).await;
    with_teams(async |pool| what_hangs_on_a_row(pool).await.unwrap()).await;
    with_teams(async |pool| many_rows(pool).await.unwrap()).await;
    with_teams(async |pool| a_child(pool).await.unwrap()).await;
    with_customers(async |pool| a_persons_data(pool).await.unwrap()).await;
    with_teams(async |pool| in_tests(pool).await.unwrap()).await;
}

#[test]
fn the_page_shows_what_runs_here() {
    let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
    let here = squeezed(include_str!("documented.rs"));
    let model = squeezed(include_str!("personal.rs"));
    let page = include_str!("../../../../docs/lifecycle.md");
    let blocks: Vec<&str> = page.split("```rust\n").skip(1).collect();
    assert_eq!(blocks.len(), 11);
    for block in blocks {
        let code = block.split("```").next().unwrap_or_default();
        // A line that rustfmt breaks gets a comma that the page does not have.
        for statement in code.split_inclusive(";\n") {
            let runs = here.contains(&squeezed(statement)) || model.contains(&squeezed(statement));
            assert!(runs, "not here: {statement}");
        }
    }
    let said: Vec<&str> = page.split("```toml\n").skip(1).collect();
    assert_eq!(said.len(), 2);
    for block in said {
        let said = block.split("```").next().unwrap_or_default();
        let mut sections = said.split("\n\n");
        assert!(
            sections.all(|said| include_str!("../../soft-delete.toml").contains(said.trim_end())),
            "not in soft-delete.toml: {said}"
        );
    }
}
