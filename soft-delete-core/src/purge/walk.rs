//! A walk through a table with many rows that are due.

use std::time::Instant;

use sqlx::{Pool, pool::PoolConnection};

use super::{
    PurgeDatabase, PurgeFailure,
    batch::Inputs,
    database::Plan,
    engine::{Pass, Run},
    plan::{Sql, Walk},
};
use crate::run::Token;

/// How many blocks a worker claims at once: with PostgreSQL's blocks of 8 kB, 8 MB.
const PART: u64 = 1024;

/// The places of a table: each block has as many as it can hold rows at the most, so that a range
/// of places never has more rows than places.
#[derive(Debug, Clone, Copy)]
struct Extent {
    blocks: u64,
    /// Places of a block.
    places: u64,
    /// Rows of a block, on the average.
    rows: u64,
}

/// What became of one batch.
enum Walked {
    /// It is done, and so many rows are gone.
    Done(u64),
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
        step: Sql,
    ) -> Result<Pass, PurgeFailure> {
        let mut connection = Some(self.pool.acquire().await?);
        let extent = self.extent(at, walk, &mut connection).await?;
        let part = PART * extent.places;
        let mut pass = Pass::default();
        for number in 0..extent.blocks.div_ceil(PART) {
            let mut from = number * part;
            let end = from + part;
            while from < end {
                pass.stop = self.must_stop();
                if pass.stop.is_some() {
                    return Ok(pass);
                }
                let span = extent.span(self.walk_limit());
                let to = end.min(from + span.min(self.left()));
                let begun = Instant::now();
                let range = (extent.place(from), extent.place(to));
                match self
                    .walk_batch(at, walk, step, number, &range, &mut connection)
                    .await?
                {
                    Walked::Taken => {
                        pass.leaves_rows = true;
                        break;
                    }
                    Walked::Done(gone) => {
                        pass.add(gone, gone);
                        let took = begun.elapsed();
                        self.record(at, gone, took);
                        if gone > 0 && to < end {
                            self.adapt(took);
                        }
                        from = to;
                        if self.pauses() {
                            connection = None;
                            self.pause(took).await;
                        }
                    }
                    Walked::Refused => {
                        pass.leaves_rows = true;
                        // The pool may have no other.
                        connection = None;
                        self.go_round(at, batch, extent, (range.0, to), &mut pass)
                            .await?;
                        from = to;
                    }
                }
            }
        }
        Ok(pass)
    }

    /// Removes the rows of a range that no other session has locked.
    async fn go_round(
        &mut self,
        at: usize,
        batch: &'static [Sql],
        extent: Extent,
        (mut from, to): (String, u64),
        pass: &mut Pass,
    ) -> Result<(), PurgeFailure> {
        loop {
            pass.stop = self.must_stop();
            if pass.stop.is_some() {
                return Ok(());
            }
            let limit = self.batch_limit(at);
            let done = self.batch(at, batch, Some(from.clone()), limit).await?;
            pass.add(done.picked, done.gone);
            let is_full = done.picked >= u64::from(limit);
            match done.to {
                Some(last) if is_full && last != from && extent.at(&last) < Some(to) => from = last,
                _ => return Ok(()),
            }
        }
    }

    async fn extent(
        &mut self,
        at: usize,
        walk: Walk,
        connection: &mut Option<PoolConnection<DB>>,
    ) -> Result<Extent, PurgeFailure> {
        let connection = Self::connection(self.pool, connection).await?;
        let sql = walk.extent.text;
        let answer = DB::read(connection, sql, &[], Plan::Each, Token::new()).await?;
        Extent::of(answer.first().map(Vec::as_slice)).ok_or(PurgeFailure::Answer {
            table: self.tables[at].table,
        })
    }

    async fn connection<'c>(
        pool: &Pool<DB>,
        connection: &'c mut Option<PoolConnection<DB>>,
    ) -> Result<&'c mut DB::Connection, PurgeFailure> {
        let held = match connection.take() {
            Some(held) => held,
            None => pool.acquire().await?,
        };
        Ok(&mut **connection.insert(held))
    }

    async fn walk_batch(
        &mut self,
        at: usize,
        walk: Walk,
        step: Sql,
        part: u64,
        (from, to): &(String, String),
        connection: &mut Option<PoolConnection<DB>>,
    ) -> Result<Walked, PurgeFailure> {
        let table = &self.tables[at];
        let inputs = Inputs {
            cutoff: &self.cutoffs[at],
            run_id: &self.id,
            from: Some(from),
            to: Some(to),
            limit: 0,
            keys: None,
            part: u32::try_from(part).ok(),
        };
        let connection = Self::connection(self.pool, connection).await?;
        let values = inputs.of(table, step)?;
        let (plan, token) = (Plan::Kept, Token::new());
        match DB::change(connection, step.text, &values, plan, token).await {
            Ok(0) => {}
            Ok(gone) => return Ok(Walked::Done(gone)),
            Err(error) if is_refusal(&error) => {
                tracing::debug!(table = table.table, %error, "rows in use are skipped");
                return Ok(Walked::Refused);
            }
            Err(error) => return Err(error.into()),
        }
        // None was due, or the part was not its own.
        let values = inputs.of(table, walk.claim)?;
        let answer = DB::read(connection, walk.claim.text, &values, plan, token).await?;
        match answer.first().map(Vec::as_slice) {
            Some([Some(free)]) if free == "true" => Ok(Walked::Done(0)),
            Some([Some(_)]) => Ok(Walked::Taken),
            _ => Err(PurgeFailure::Answer { table: table.table }),
        }
    }
}

impl Extent {
    fn of(answer: Option<&[Option<String>]>) -> Option<Self> {
        let [Some(blocks), Some(places), rows] = answer? else {
            return None;
        };
        let places: u64 = places.parse().ok()?;
        let rows = rows
            .as_ref()
            .map_or(Some(places), |rows| rows.parse().ok())?;
        Some(Self {
            blocks: blocks.parse().ok()?,
            places: places.max(1),
            rows: rows.clamp(1, places.max(1)),
        })
    }

    /// How many places have about `limit` rows, and never more where that is less than a block.
    fn span(self, limit: u64) -> u64 {
        if limit < self.places {
            limit
        } else {
            limit * self.places / self.rows
        }
    }

    /// A place as the database writes it: `(block,row)`.
    fn place(self, number: u64) -> String {
        format!("({},{})", number / self.places, number % self.places)
    }

    /// The number of a place.
    fn at(self, place: &str) -> Option<u64> {
        let (block, row) = place
            .strip_prefix('(')?
            .strip_suffix(')')?
            .split_once(',')?;
        let (block, row): (u64, u64) = (block.parse().ok()?, row.parse().ok()?);
        Some(block * self.places + row)
    }
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
    use super::Extent;

    const EXTENT: Extent = Extent {
        blocks: 3,
        places: 292,
        rows: 50,
    };

    #[test]
    fn a_place_is_a_block_and_a_row_of_it() {
        assert_eq!(EXTENT.place(0), "(0,0)");
        assert_eq!(EXTENT.place(2 * 292 + 7), "(2,7)");
        assert_eq!(EXTENT.at("(2,7)"), Some(2 * 292 + 7));
        assert_eq!(EXTENT.at("row"), None);
    }

    #[test]
    fn a_span_has_about_as_many_rows_as_are_asked_for() {
        assert_eq!(EXTENT.span(1000), 5840, "20 blocks");
        assert_eq!(EXTENT.span(10), 10, "never more than ten rows");
    }

    #[test]
    fn an_answer_without_statistics_counts_on_full_blocks() {
        let text = |text: &str| Some(text.to_owned());
        let extent = Extent::of(Some(&[text("7"), text("292"), None])).unwrap();
        assert_eq!((extent.blocks, extent.rows), (7, 292));
        assert!(Extent::of(Some(&[text("7"), None, None])).is_none());
        assert!(Extent::of(None).is_none());
    }
}
