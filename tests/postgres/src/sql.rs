//! What this dialect writes in its own way.

/// The documents of the seed: a UUID has no literal in common.
pub(crate) const DOCUMENTS: &str = "
    INSERT INTO documents (id, title, removed_on) VALUES
        ('11111111111141118111111111111111', 'Plan', NULL),
        ('22222222222242228222222222222222', 'Draft', '2026-01-02 03:04:05');
";

pub(crate) const ACTIVE_BY_NAME: &str =
    "SELECT id, name, deleted_at FROM contacts WHERE deleted_at IS NULL AND name = $1";

pub(crate) const RECORDS: &str = "SELECT name, deleted_by, deleted_reason, \
     CAST(deleted_operation AS text) AS deleted_operation \
     FROM contacts WHERE deleted_operation IS NOT NULL ORDER BY id";

pub(crate) const SOFT_DELETE: &str = "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP, \
     deleted_by = $3, deleted_reason = $4, deleted_operation = CAST($5 AS uuid) \
     WHERE deleted_at IS NULL AND (name = $1 AND id >= $2)";

pub(crate) const PURGE: &str = "DELETE FROM orders WHERE deleted_at IS NOT NULL AND (total = $1)";

/// The moment some days ago, as an expression.
pub(crate) fn ago(days: u32) -> String {
    format!("CURRENT_TIMESTAMP - INTERVAL '{days} days'")
}

/// A token of this digest, deleted some days ago.
pub(crate) fn token(digest: &str, days: Option<u32>) -> String {
    let deleted = days.map_or_else(
        || "NULL".to_owned(),
        |days| format!("(extract(epoch FROM now())::bigint - {days} * 86400) * 1000"),
    );
    let region = if digest.ends_with('0') {
        "north"
    } else {
        "south"
    };
    format!(
        "INSERT INTO tokens (digest, region, deleted_at) VALUES ('\\x{digest}', '{region}', {deleted})"
    )
}

/// A query for the statements that end the other sessions of a test.
pub(crate) fn sessions(address: &str) -> String {
    format!(
        "SELECT 'SELECT pg_terminate_backend(' || pid || ')' FROM pg_stat_activity \
         WHERE application_name = '{address}' AND pid <> pg_backend_pid()"
    )
}

/// The id of an operation as text, with or without hyphens.
pub(crate) fn operation(column: &str) -> String {
    format!("CAST({column} AS text)")
}

pub(crate) const DIALECT: test_cases::Dialect = test_cases::Dialect::Postgres;

/// A unique key of the live rows only.
pub(crate) const LIVE_KEY: &str =
    "CREATE UNIQUE INDEX u_live ON users (email) WHERE deleted_at IS NULL";

/// What sqlx reads a TIMESTAMP without a zone as.
pub(crate) type Moment = chrono::NaiveDateTime;

pub(crate) fn moment(at: chrono::NaiveDateTime) -> Moment {
    at
}

/// Inserts an issue where its project is live, and holds the project; how many were inserted.
pub(crate) async fn insert_issue(
    connection: &mut crate::DbConnection,
    id: i64,
    project: i64,
) -> sqlx::Result<u64> {
    let insert = soft_delete::soft_query!(
        active,
        "INSERT INTO issues (id, project_id, title) SELECT $1, id, 'new' FROM projects WHERE id = $2 FOR SHARE",
        id,
        project
    );
    let done = insert.execute(connection).await?;
    Ok(done.rows_affected())
}

/// What sets a session up; each is another way.
pub(crate) const SESSIONS: [&str; 1] = ["SELECT 1"];

/// True where sessions lock rows, not the database.
pub(crate) const LOCKS_ROWS: bool = true;

/// A query for how many sessions of a test wait for another.
#[allow(clippy::unnecessary_wraps, reason = "not every database tells")]
pub(crate) fn waiting(address: &str) -> Option<String> {
    Some(format!(
        "SELECT count(*) FROM pg_stat_activity \
         WHERE application_name = '{address}' AND wait_event_type = 'Lock'"
    ))
}

/// A query for the file that begins with the server's process, and the signal that ends the server
/// without a checkpoint: what was not written has to be recovered.
pub(crate) const SERVER: (&str, &str) = (
    "SELECT current_setting('data_directory') || '/postmaster.pid'",
    "QUIT",
);

/// Lets whoever deletes this row of a table sleep in the middle of the statement.
pub(crate) fn sleeper(table: &str, id: i64) -> String {
    format!(
        "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF OLD.id = {id} THEN PERFORM pg_sleep(600); END IF; RETURN OLD; END $$; \
         CREATE TRIGGER sleeper BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION sleep()"
    )
}

pub(crate) const NO_SLEEPER: &str = "DROP FUNCTION sleep CASCADE";

/// How many sleep.
pub(crate) const SLEEPING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
