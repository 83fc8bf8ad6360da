//! What this dialect writes in its own way.

/// The documents of the seed: a UUID has no literal in common.
pub(crate) const DOCUMENTS: &str = "
    INSERT INTO documents (id, title, removed_on) VALUES
        (x'11111111111141118111111111111111', 'Plan', NULL),
        (x'22222222222242228222222222222222', 'Draft', '2026-01-02 03:04:05');
";

pub(crate) const ACTIVE_BY_NAME: &str =
    "SELECT id, name, deleted_at FROM contacts WHERE deleted_at IS NULL AND name = ?";

pub(crate) const RECORDS: &str = "SELECT name, deleted_by, deleted_reason, deleted_operation \
     FROM contacts WHERE deleted_operation IS NOT NULL ORDER BY id";

pub(crate) const SOFT_DELETE: &str = "UPDATE contacts SET deleted_at = CURRENT_TIMESTAMP, \
     deleted_by = ?, deleted_reason = ?, deleted_operation = ? \
     WHERE deleted_at IS NULL AND (name = ? AND id >= ?)";

pub(crate) const PURGE: &str = "DELETE FROM orders WHERE deleted_at IS NOT NULL AND (total = ?)";

/// The moment some days ago, as an expression.
pub(crate) fn ago(days: u32) -> String {
    format!("CURRENT_TIMESTAMP(6) - INTERVAL {days} DAY")
}

/// A token of this digest, deleted some days ago.
pub(crate) fn token(digest: &str, days: Option<u32>) -> String {
    let deleted = days.map_or_else(
        || "NULL".to_owned(),
        |days| format!("(UNIX_TIMESTAMP() - {days} * 86400) * 1000"),
    );
    format!("INSERT INTO tokens (digest, deleted_at) VALUES (x'{digest}', {deleted})")
}

/// A query for the statements that end the other sessions of a test.
pub(crate) fn sessions(address: &str) -> String {
    format!(
        "SELECT CONCAT('KILL ', id) FROM information_schema.processlist \
         WHERE db = '{address}' AND id <> CONNECTION_ID()"
    )
}

/// The id of an operation as text, with or without hyphens.
pub(crate) fn operation(column: &str) -> String {
    format!("HEX({column})")
}

pub(crate) const DIALECT: test_cases::Dialect = test_cases::Dialect::Mysql;

/// A unique key of the live rows only.
pub(crate) const LIVE_KEY: &str = "ALTER TABLE users ADD COLUMN live_email varchar(191) \
     AS (IF(deleted_at IS NULL, email, NULL)), ADD UNIQUE KEY u_live (live_email)";

/// What sqlx reads a TIMESTAMP without a zone as.
pub(crate) type Moment = chrono::DateTime<chrono::Utc>;

pub(crate) fn moment(at: chrono::NaiveDateTime) -> Moment {
    at.and_utc()
}

/// Inserts an issue where its project is live, and holds the project; how many were inserted.
pub(crate) async fn insert_issue(
    connection: &mut crate::DbConnection,
    id: i64,
    project: i64,
) -> sqlx::Result<u64> {
    let insert = soft_delete::soft_query!(
        active,
        "INSERT INTO issues (id, project_id, title) SELECT ?, id, 'new' FROM projects WHERE id = ? LOCK IN SHARE MODE",
        id,
        project
    );
    let done = insert.execute(connection).await?;
    Ok(done.rows_affected())
}

/// What sets a session up; each is another way.
pub(crate) const SESSIONS: [&str; 2] = [
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
];

/// True where sessions lock rows, not the database.
pub(crate) const LOCKS_ROWS: bool = true;

/// How many sessions of a test wait for another: what `InnoDB` tells is old where it is asked often.
pub(crate) fn waiting(_: &str) -> Option<String> {
    None
}

/// A query for the file that begins with the server's process, and the signal that ends the server
/// without a checkpoint: what was not written has to be recovered.
pub(crate) const SERVER: (&str, &str) = ("SELECT @@pid_file", "KILL");

/// Lets whoever deletes this row of a table sleep in the middle of the statement.
pub(crate) fn sleeper(table: &str, id: i64) -> String {
    format!(
        "CREATE TRIGGER sleeper BEFORE DELETE ON {table} FOR EACH ROW \
         IF OLD.id = {id} THEN DO SLEEP(600); END IF"
    )
}

pub(crate) const NO_SLEEPER: &str = "DROP TRIGGER sleeper";

/// How many sleep.
pub(crate) const SLEEPING: &str =
    "SELECT count(*) FROM information_schema.processlist WHERE state = 'User sleep'";
