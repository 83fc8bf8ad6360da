//! A walk through a table with many rows that are due.

use std::time::Instant;

use super::{
    PurgeDatabase, PurgeFailure,
    batch::{Inputs, remove},
    database::Plan,
    engine::{Pass, Run},
    plan::{Sql, Walk},
};
use crate::run::Token;

/// How many blocks a worker claims at once: with PostgreSQL's blocks of 8 kB, 8 MB.
const PART: u32 = 1024;

/// What became of one batch.
enum Walked {
    /// It is done.
    Done { picked: u64, gone: u64, to: String },
    /// Another worker has the part.
    Taken,
    /// Other sessions have locks on its rows, or on rows that reference them.
    Refused,
}

impl<DB: PurgeDatabase> Run<'_, DB> {
    /// Walks through the table, part by part.
    pub(super) async fn walk(
        &mut self,
        at: usize,
        batch: &'static [Sql],
        walk: Walk,
        steps: &'static [Sql],
    ) -> Result<Pass, PurgeFailure> {
        let table = self.tables[at].table;
        let mut connection = self.pool.acquire().await?;
        let answer = DB::read(
            &mut connection,
            walk.blocks.text,
            &[],
            Plan::Each,
            Token::new(),
        )
        .await?;
        drop(connection);
        let blocks = answer.into_iter().flatten().flatten().next();
        let blocks = blocks.and_then(|text| text.parse::<u32>().ok());
        let blocks = blocks.ok_or(PurgeFailure::Answer { table })?;
        let mut pass = Pass::default();
        for part in 0..blocks.div_ceil(PART) {
            let mut from = place(part);
            loop {
                pass.stop = self.must_stop();
                if pass.stop.is_some() {
                    return Ok(pass);
                }
                let limit = self.limit();
                let begun = Instant::now();
                let walked = self.walk_batch(at, walk, steps, part, &from, limit).await?;
                let to = match walked {
                    Walked::Taken => break,
                    Walked::Done { picked, gone, to } => {
                        pass.add(picked, gone);
                        let is_full = picked >= u64::from(limit);
                        self.after(at, gone, begun.elapsed(), is_full).await;
                        is_full.then_some(to)
                    }
                    Walked::Refused => {
                        let done = self.batch(at, batch, Some(from.clone()), limit).await?;
                        pass.add(done.picked, done.gone);
                        // It may have gone on behind the end of the part.
                        let is_inside = |to: &String| block(to).is_some_and(|b| b / PART == part);
                        let is_full = done.picked >= u64::from(limit);
                        done.to.filter(|to| is_full && is_inside(to))
                    }
                };
                match to {
                    Some(to) if to != from => from = to,
                    _ => break,
                }
            }
        }
        Ok(pass)
    }

    async fn walk_batch(
        &self,
        at: usize,
        walk: Walk,
        steps: &'static [Sql],
        part: u32,
        from: &str,
        limit: u32,
    ) -> Result<Walked, PurgeFailure> {
        match self.attempt_walk(at, walk, steps, part, from, limit).await {
            Err(PurgeFailure::Database(crate::Error::Sqlx(error))) if is_refusal(&error) => {
                tracing::debug!(table = self.tables[at].table, %error, "rows in use are skipped");
                Ok(Walked::Refused)
            }
            walked => walked,
        }
    }

    async fn attempt_walk(
        &self,
        at: usize,
        walk: Walk,
        steps: &'static [Sql],
        part: u32,
        from: &str,
        limit: u32,
    ) -> Result<Walked, PurgeFailure> {
        let table = &self.tables[at];
        let unreadable = PurgeFailure::Answer { table: table.table };
        let end = place(part.saturating_add(1));
        let mut inputs = Inputs {
            cutoff: &self.cutoffs[at],
            run_id: &self.id,
            from: Some(from),
            to: Some(&end),
            limit,
            keys: None,
            part: Some(part),
        };
        // Dropped on every way out but the last, which rolls it back.
        let mut transaction = DB::begin(self.pool, false, Token::new()).await?;
        let values = inputs.of(table, walk.pick)?;
        let rows = DB::read(
            &mut transaction,
            walk.pick.text,
            &values,
            Plan::Kept,
            Token::new(),
        )
        .await?;
        let row = rows.into_iter().next().unwrap_or_default();
        let [Some(claimed), to, Some(picked)] = row.as_slice() else {
            return Err(unreadable);
        };
        let picked: u64 = picked.parse().map_err(|_| unreadable)?;
        let Some(to) = to.as_deref() else {
            transaction.rollback().await?;
            return Ok(match claimed.as_str() {
                "true" => Walked::Done {
                    picked,
                    gone: 0,
                    to: end,
                },
                _ => Walked::Taken,
            });
        };
        inputs.to = Some(to);
        let gone = remove::<DB>(&mut transaction, table, steps, &inputs, Plan::Kept).await?;
        transaction.commit().await?;
        let to = to.to_owned();
        Ok(Walked::Done { picked, gone, to })
    }
}

/// The first place of a part.
fn place(part: u32) -> String {
    format!("({},0)", part.saturating_mul(PART))
}

/// The block of a place, `(block,row)`.
fn block(place: &str) -> Option<u32> {
    place.strip_prefix('(')?.split_once(',')?.0.parse().ok()
}

/// A lock that was not got in time, a deadlock, a failed serialization, a row that is referenced
/// since a moment.
fn is_refusal(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let code = error.code();
    matches!(
        code.as_deref(),
        Some("55P03" | "40P01" | "40001" | "23503" | "23001")
    )
}

#[cfg(test)]
mod tests {
    use super::{PART, block, place};

    #[test]
    fn a_part_begins_at_its_first_block() {
        assert_eq!(place(0), "(0,0)");
        assert_eq!(block(&place(7)), Some(7 * PART));
        assert_eq!(block("(8191,12)"), Some(8191));
        assert_eq!(block("row"), None);
    }
}
